"""What a set of refunds depends on, as a value; and how it is read and locked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from app.coupons.redeeming.refunding import CouponOfSale, ask_coupons_of, owners_of_coupons
from app.foundation.database.unit_of_work import Overtaken, UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.problems import DomainError, Flaw, NotFound, ValidationFailed
from app.members import queries as members
from app.points.purses import queries as points
from app.points.purses.services import Balance, Lot
from app.transactions import configuration
from app.transactions.configuration import Configuration
from app.transactions.errors import SaleNotRecordedYet
from app.transactions.refunds import queries
from app.transactions.refunds.queries import Pair
from app.transactions.refunds.rules import Refund
from app.transactions.reports import RefundReport
from app.transactions.sales import queries as sale_queries
from app.transactions.sales.record import Record, SoFar


@dataclass(frozen=True, slots=True)
class Facts:
    """What the desk knows of a set of refunds. Sales, sums, balances and what is known move on as it takes them in order.

    `sale_ids`: the sale that each refund names, or why it names none. `sales`, locked, and `so_far`, what was given back
    of them, by id. `known`: refunds by merchant and reference. `spent`: lots (id, points) that sales were paid with, by the
    sale's id in hexadecimal digits. `coupons`: those with which sales were paid, locked, by the sale's id. `readable`:
    members whose balance the caller may read; None for all.
    """

    settings: Configuration
    sale_ids: Sequence[str | DomainError]
    sales: dict[str, Record]
    balances: dict[str, Balance]
    so_far: dict[str, SoFar] = field(default_factory=dict)
    known: dict[Pair, Refund] = field(default_factory=dict)
    spent: Mapping[str, Sequence[tuple[str, int]]] = field(default_factory=dict)
    lots: Sequence[Lot] = ()
    coupons: dict[str, list[CouponOfSale]] = field(default_factory=dict)
    readable: frozenset[str] | None = None

    def gone(self) -> frozenset[str]:
        """Members who have left."""
        return frozenset(member for member, balance in self.balances.items() if balance.is_erased)


def ask_facts(uow: UnitOfWork, reports: Sequence[RefundReport]) -> Facts:
    """Reads and locks what refunds depend on. Locks: configuration, balances by member, coupons by id, sales by id.

    Raises Overtaken where a sale found its owner just now, or a coupon another one.
    """
    current = configuration.ask_current(uow)
    found = sale_queries.ask_records(uow, [report.transaction_id for report in reports if report.transaction_id])
    settings = current()
    sale_ids = _sales_named(uow, reports, settings)
    seen, named = found(), [one for one in sale_ids if isinstance(one, str)]
    seen |= sale_queries.records(uow, [one for one in named if one not in seen])
    return _lock(uow, reports, settings, sale_ids, seen)


def _lock(
    uow: UnitOfWork,
    reports: Sequence[RefundReport],
    settings: Configuration,
    sale_ids: Sequence[str | DomainError],
    seen: Mapping[str, Record],
) -> Facts:
    """Locks and asks at once: each statement sees what was committed before the locks of those before it."""
    ids, merchant_id = list(seen), uow.principal.merchant_id
    buyers = {one.member_id for one in seen.values() if one.member_id is not None}
    with_coupons = [one.id for one in seen.values() if one.coupons]
    balances = points.ask_balances(uow, buyers | owners_of_coupons(uow, with_coupons))
    coupons = ask_coupons_of(uow, with_coupons)
    sales = sale_queries.ask_records(uow, ids, lock=True)
    so_far = sale_queries.ask_so_far(uow, ids)
    spent = points.ask_spent_on(uow, ids)
    lots = points.ask_lots_of_sources(uow, ids)
    met = members.ask_known(uow, ((one, merchant_id) for one in buyers) if merchant_id else ())
    takeable = points.ask_spendable_lots(uow, buyers if settings.terms.refund_policy == "take" else ())
    known = queries.ask_by_reference(uow, _references(reports, sale_ids, seen))
    facts = Facts(
        settings,
        sale_ids,
        balances=balances(),
        sales=sales(),
        so_far=so_far(),
        spent=spent(),
        lots=[*lots(), *takeable()],
        coupons=coupons(),
        known=known(),
        readable=frozenset(one for (one, _), is_proven in met().items() if is_proven) if merchant_id else None,
    )
    if any(one.member_id != seen[one.id].member_id for one in facts.sales.values()):
        raise Overtaken
    owners = {one.member_id for some in facts.coupons.values() for one in some} - {None}
    if not owners <= facts.balances.keys():
        raise Overtaken
    return facts


def _references(
    reports: Sequence[RefundReport], sale_ids: Sequence[str | DomainError], seen: Mapping[str, Record]
) -> list[Pair]:
    """The refunds' own references, each with its merchant."""
    return [
        (seen[sale_id].merchant_id, report.reference)
        for sale_id, report in zip(sale_ids, reports, strict=True)
        if isinstance(sale_id, str) and sale_id in seen
    ]


def _sales_named(uow: UnitOfWork, reports: Sequence[RefundReport], settings: Configuration) -> list[str | DomainError]:
    """The sale that each refund names by id or by reference, or why it names none."""
    known = {shop.merchant_id for shop in settings.directory.by_id.values()}
    merchants = [_merchant_of(uow, report, known) for report in reports]
    pairs = [
        (merchant, report.transaction_reference)
        for merchant, report in zip(merchants, reports, strict=True)
        if isinstance(merchant, str) and report.transaction_reference
    ]
    by_reference = queries.sales_of_references(uow, pairs) if pairs else {}

    def named(report: RefundReport, merchant: str | DomainError) -> str | DomainError:
        if isinstance(merchant, DomainError):
            return merchant
        if report.transaction_id:
            return report.transaction_id
        found = by_reference.get((merchant, report.transaction_reference or ""))
        return found or unknown_sale("/transaction_reference")

    return [named(report, merchant) for report, merchant in zip(reports, merchants, strict=True)]


def _merchant_of(uow: UnitOfWork, report: RefundReport, known: Collection[str]) -> str | DomainError:
    """The merchant in whose references a sale is looked for; an id needs none."""
    own, given = uow.principal.merchant_id, report.merchant_id
    if given and given not in ((own,) if own else known):
        return NotFound.at("/merchant_id", _l("merchant"))
    if report.transaction_reference and not (given or own):
        return ValidationFailed.at("/merchant_id", "required", _l("Whose reference is it? A merchant is needed."))
    return given or own or ""


def unknown_sale(pointer: str) -> SaleNotRecordedYet:
    """What a refund of a sale is told that isn't there, or not for who asks."""
    return SaleNotRecordedYet(flaws=[Flaw(pointer, "not-found", SaleNotRecordedYet.title)])

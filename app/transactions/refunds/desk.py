"""Giving sales back, in sets: one refund is a set of one, and each stands alone as if it had come alone.

The points of what is left are evaluated again by the version and the facts that the sale was recorded with; the
difference goes back (docs/points.en.md, "Refunds").
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple, cast

from app.foundation.clock import end_of_day
from app.foundation.database.unit_of_work import Overtaken, UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.ids import hex_of, new_id
from app.foundation.problems import DomainError, Flaw, NotFound, ValidationFailed
from app.ledger.rules import Journal
from app.members import queries as members
from app.points.earning.rounding import FUNDERS
from app.points.purses import queries as points
from app.points.purses.services import Purses, Refunded, RefundPolicy, Reversal
from app.points.tiers.member_tiers import TierStates
from app.points.tiers.rules import Figures
from app.transactions import configuration
from app.transactions.configuration import Configuration
from app.transactions.errors import RefundReferenceConflict, SaleNotRecordedYet
from app.transactions.events import RefundRecorded
from app.transactions.refunds import differing, queries, writing
from app.transactions.refunds.rules import Refund, print_of_refund, share_of
from app.transactions.reports import RefundReport
from app.transactions.sales import left_queries
from app.transactions.sales import queries as sale_queries
from app.transactions.sales.earning import evaluate_again
from app.transactions.sales.left import NOTHING, SoFar, eligible_left
from app.transactions.sales.record import Record
from app.transactions.times import check_clock

RESTORED_DAYS = 30
"""Local days after which restored points may end at the earliest."""


class Given(NamedTuple):
    """What a refund ended with. `balance` is the member's (None for an unclaimed sale); `status` is the HTTP status."""

    refund: Refund
    status: int
    balance: dict[str, int] | None


Outcome = Given | DomainError


def refund(uow: UnitOfWork, reports: Sequence[RefundReport]) -> list[Outcome]:
    """Records refunds in order. An outcome is what was recorded (201), what stood there before (200), or the refusal.

    Raises Overtaken where a sale found its owner just now.
    """
    desk = _Desk(uow, reports)
    outcomes = [desk.handle(position) for position in range(len(reports))]
    desk.write()
    return outcomes


class _Desk:
    """What becomes of each refund of a set, in order. Locks: configuration, balances by member, sales by id."""

    def __init__(self, uow: UnitOfWork, reports: Sequence[RefundReport]) -> None:
        self._uow = uow
        self._reports = reports
        settings = configuration.ask_current(uow)
        seen = sale_queries.ask_records(uow, [report.transaction_id for report in reports if report.transaction_id])
        self._settings = settings()
        self._sale_ids = _sales_named(uow, reports, self._settings)
        self._read(seen())
        self._new: list[Refund] = []

    def _read(self, seen: dict[str, Record]) -> None:
        """Locks and asks at once: each statement sees what was committed before the locks of those before it."""
        named = [one for one in self._sale_ids if isinstance(one, str)]
        seen |= sale_queries.records(self._uow, [one for one in named if one not in seen])
        buyers = {one.member_id for one in seen.values() if one.member_id is not None}
        balances = points.ask_balances(self._uow, buyers)
        sales = sale_queries.ask_records(self._uow, seen, lock=True)
        so_far = left_queries.ask_so_far(self._uow, list(seen))
        spent = points.ask_spent_on(self._uow, list(seen))
        lots = points.ask_lots_of_sources(self._uow, list(seen))
        merchant_id = self._uow.principal.merchant_id
        known = members.ask_known(self._uow, ((one, merchant_id) for one in buyers) if merchant_id else ())
        takeable = points.ask_spendable_lots(self._uow, buyers if self._policy == "take" else ())
        by_reference = queries.ask_by_reference(self._uow, self._references(seen))
        self._balances, self._sales, self._so_far, self._spent = balances(), sales(), so_far(), spent()
        if any(one.member_id != seen[one.id].member_id for one in self._sales.values()):
            raise Overtaken
        self._purses = Purses(self._uow, self._balances, [*lots(), *takeable()])
        self._known = by_reference()
        self._readable = None if merchant_id is None else {one for (one, _), is_proven in known().items() if is_proven}

    def _references(self, seen: dict[str, Record]) -> list[tuple[str, str]]:
        """The refunds' own references, each with its merchant."""
        return [
            (seen[sale_id].merchant_id, report.reference)
            for sale_id, report in zip(self._sale_ids, self._reports, strict=True)
            if isinstance(sale_id, str) and sale_id in seen
        ]

    @property
    def _policy(self) -> RefundPolicy:
        return cast("RefundPolicy", self._settings.terms.refund_policy)

    def handle(self, position: int) -> Outcome:
        """What becomes of one refund."""
        report, sale_id = self._reports[position], self._sale_ids[position]
        try:
            record = self._sale(sale_id, report)
            return self._again(record, report) or self._record(record, report)
        except DomainError as error:
            return error

    def _sale(self, sale_id: str | DomainError, report: RefundReport) -> Record:
        if isinstance(sale_id, DomainError):
            raise sale_id
        record, principal = self._sales.get(sale_id), self._uow.principal
        own = record is not None and (
            (report.merchant_id or record.merchant_id) == record.merchant_id
            and (principal.merchant_id or record.merchant_id) == record.merchant_id
            and (principal.store_id or record.store_id) == record.store_id
        )
        if record is None or not own:
            raise _unknown("/transaction_id" if report.transaction_id else "/transaction_reference")
        return record

    def _again(self, record: Record, report: RefundReport) -> Given | None:
        known = self._known.get((record.merchant_id, report.reference))
        if known is None:
            return None
        if not _is_same(known, record, report):
            raise RefundReferenceConflict(flaws=differing.of_refund(known, record.id, report))
        known = known if known.member_id is None else replace(known, member_id=record.member_id)
        return Given(known, 200, self._figures(record))

    def _figures(self, record: Record) -> dict[str, int] | None:
        """The member's balance, for whoever may read it."""
        if record.member_id is None or (self._readable is not None and record.member_id not in self._readable):
            return None
        return self._balances[record.member_id].as_figures()

    def _record(self, record: Record, report: RefundReport) -> Given:
        before = self._so_far.get(record.id, NOTHING)
        after = _after(record, before, report)
        check_clock(report.occurred_at, self._uow.now)
        share = share_of(record, before, report.amount)
        _check_eligible(record, after, record.paid_amount - before.money - share.money)
        is_nobodys = self._is_nobodys(record)
        new = Refund(
            id=new_id("rfd"),
            transaction_id=record.id,
            merchant_id=record.merchant_id,
            member_id=record.member_id,
            reference=report.reference,
            body_print=b"" if is_nobodys else print_of_refund(report, record.id),
            amount=report.amount,
            eligible_amount=report.eligible_amount,
            money_amount=share.money,
            discount_reversed=share.discount,
            points_reversed=0,
            merchant_reversed=0,
            points_lapsed=0,
            points_taken=0,
            points_owed=0,
            points_forgiven=0,
            points_restored=share.restored if record.member_id else 0,
            reason=None if is_nobodys else report.reason,
            principal_id=self._uow.principal.id,
            occurred_at=report.occurred_at or self._uow.now,
            recorded_at=self._uow.now,
        )
        if record.member_id is not None:
            self._give_back(new, record, before, after, record.member_id)
        self._remember(new, record, before, after)
        return Given(new, 201, self._figures(record))

    def _is_nobodys(self, record: Record) -> bool:
        """Whether its member was erased: what a till writes of that person isn't kept."""
        return record.member_id is not None and self._balances[record.member_id].is_erased

    def _give_back(self, new: Refund, record: Record, before: SoFar, after: SoFar, member_id: str) -> None:
        """Takes back what is no longer earned, then gives back what had been spent.

        Who was erased owes nothing, and what comes back to them is lost at once.
        """
        journal = Journal(new.id, "refund", new.principal_id, new.occurred_at)
        refunded = Refunded(journal, record.id, member_id, record.merchant_id, self._uow.district_id)
        back = self._points_back(record, before, after, member_id)
        reversal = Reversal()
        if sum(back.values()):
            reversal = self._purses.reverse(refunded, back, self._policy)
        new.points_reversed, new.merchant_reversed = sum(back.values()), back["merchant"]
        new.points_lapsed, new.points_taken = reversal.lapsed, reversal.taken
        new.points_owed, new.points_forgiven = reversal.owed, reversal.forgiven
        if new.points_restored:
            self._purses.restore(
                refunded,
                self._spent[hex_of(record.id)],
                before=before.restored,
                points=new.points_restored,
                extended_end=self._extended_end(),
            )

    def _points_back(self, record: Record, before: SoFar, after: SoFar, member_id: str) -> dict[str, int]:
        """Points that go back, by funder: the shares that the sale has now less those of what is left of it."""
        if record.points_earned == before.points:
            return dict.fromkeys(FUNDERS, 0)
        given_back = {"merchant": before.merchant_points, "district": before.points - before.merchant_points}
        evaluated = evaluate_again(record, eligible_left(record, after), self._settings)
        return self._purses.earned_in_excess(member_id, record.id, given_back, evaluated.funded)

    def _extended_end(self) -> datetime:
        zone = self._settings.directory.zone
        return end_of_day(self._uow.now.astimezone(zone).date() + timedelta(days=RESTORED_DAYS), zone)

    def _remember(self, new: Refund, record: Record, before: SoFar, after: SoFar) -> None:
        """Lets the refunds that follow see this one."""
        self._new.append(new)
        self._known[record.merchant_id, new.reference] = new
        self._so_far[record.id] = after._replace(
            money=before.money + new.money_amount,
            discount=before.discount + new.discount_reversed,
            points=before.points + new.points_reversed,
            merchant_points=before.merchant_points + new.merchant_reversed,
            restored=before.restored + new.points_restored,
        )
        assert _is_within(record, self._so_far[record.id]), f"{record.id} gives back more than was paid"
        self._sales[record.id] = replace(record, refunded_amount=after.amount)

    def write(self) -> None:
        """Sends what was decided, each table in one statement."""
        refunded = {one.transaction_id: self._sales[one.transaction_id].refunded_amount for one in self._new}
        writing.insert(self._uow, self._new, refunded)
        self._purses.write()
        self._uow.emit(*map(_recorded, self._new))
        self._take_back_tiers()

    def _take_back_tiers(self) -> None:
        """What goes back no longer counts for tiers, on the day of its sale."""
        ladder = self._settings.terms.ladder
        if not ladder.tiers:
            return
        states = TierStates(self._uow, ladder)
        states.take_back(
            [
                (
                    one.member_id,
                    self._sales[one.transaction_id].occurred_at.astimezone(ladder.zone).date(),
                    Figures(-one.points_reversed, -one.money_amount),
                )
                for one in self._new
                if one.member_id is not None
            ]
        )
        states.write()


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
        return found or _unknown("/transaction_reference")

    return [named(report, merchant) for report, merchant in zip(reports, merchants, strict=True)]


def _merchant_of(uow: UnitOfWork, report: RefundReport, known: Collection[str]) -> str | DomainError:
    """The merchant in whose references a sale is looked for; an id needs none."""
    own, given = uow.principal.merchant_id, report.merchant_id
    if given and given not in ((own,) if own else known):
        return NotFound.at("/merchant_id", _l("merchant"))
    if report.transaction_reference and not (given or own):
        return ValidationFailed.at("/merchant_id", "required", _l("Whose reference is it? A merchant is needed."))
    return given or own or ""


def _unknown(pointer: str) -> SaleNotRecordedYet:
    return SaleNotRecordedYet(flaws=[Flaw(pointer, "not-found", SaleNotRecordedYet.title)])


def _is_same(known: Refund, record: Record, report: RefundReport) -> bool:
    """What an erased member gave back is told by its amount alone: the rest of the report is forgotten."""
    if not known.body_print:
        return known.amount == report.amount
    return known.body_print == print_of_refund(report, record.id)


def _after(record: Record, before: SoFar, report: RefundReport) -> SoFar:
    """The sums with this refund. Raises ValidationFailed where it gives back more than is left."""
    left = record.amount - before.amount
    if report.amount > left:
        raise ValidationFailed.at(
            "/amount", "out-of-range", _l("Of this sale, %(left)s is left to give back.", left=left)
        )
    eligible = report.eligible_amount
    if eligible is not None and eligible > eligible_left(record, before):
        words = _l("No more can be given back than what is left eligible.")
        raise ValidationFailed.at("/eligible_amount", "out-of-range", words)
    return before._replace(
        amount=before.amount + report.amount,
        eligible=before.eligible + (eligible or 0),
        by_share=before.by_share + (report.amount if eligible is None else 0),
    )


def _is_within(record: Record, so_far: SoFar) -> bool:
    """Whether no part of a sale has been given back beyond the whole of it."""
    whole = (record.amount, record.paid_amount, record.discount_amount, record.points_earned, record.points_spent)
    given = (so_far.amount, so_far.money, so_far.discount, so_far.points, so_far.restored)
    return all(0 <= part <= most for part, most in zip(given, whole, strict=True))


def _check_eligible(record: Record, after: SoFar, money_left: int) -> None:
    """What was given back in money earns no longer, however it was split. Raises ValidationFailed."""
    excess = math.ceil(eligible_left(record, after) - money_left)
    if excess > 0:
        words = _l(
            "More would stay eligible than the %(left)s that stay paid: give %(excess)s more of it back.",
            left=money_left,
            excess=excess,
        )
        raise ValidationFailed.at("/eligible_amount", "out-of-range", words)


def _recorded(refund: Refund) -> RefundRecorded:
    return RefundRecorded(
        refund.id,
        refund.transaction_id,
        refund.merchant_id,
        refund.member_id,
        refund.amount,
        refund.money_amount,
        refund.points_reversed,
        refund.points_owed,
        refund.points_restored,
    )

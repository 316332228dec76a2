"""What a set of sales depends on, as a value; and how it is read and locked at once: commonly in one round trip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.districts import queries as districts
from app.districts.queries import Shop
from app.foundation.database import idempotency
from app.foundation.database.idempotency import StoredKey
from app.foundation.database.unit_of_work import Overtaken, UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.problems import DomainError, NotFound, ValidationFailed
from app.foundation.runtime import runtime
from app.members import queries as members
from app.members.codes import queries as code_queries
from app.members.codes.presence_tokens import Presence
from app.points.earning.conditions import SaleFacts
from app.points.purses import queries as points
from app.points.purses.services import Balance, Lot
from app.transactions import configuration
from app.transactions.codes import shown_codes
from app.transactions.configuration import Configuration
from app.transactions.reports import SaleReport
from app.transactions.sales import queries
from app.transactions.sales.coupons import NOTHING_TENDERED, AskedTender, Tender
from app.transactions.sales.earning import STRANGER, Buying, Earning, ask_earning
from app.transactions.sales.record import Record, SoFar
from app.transactions.sales.sale import Sale, name_prints, print_of_member

Pair = tuple[str, str]


@dataclass(slots=True)
class Earlier:
    """Sales that were recorded before, also by those before in a set.

    `by_reference`, `by_payment`: by merchant. `of_payment`: ids of sales at any merchant, by payment reference. `keys`:
    what is stored under idempotency keys, and in `of_keys`, by id, the sales that they answered with.
    """

    by_reference: dict[Pair, Record] = field(default_factory=dict)
    by_payment: dict[Pair, Record] = field(default_factory=dict)
    of_payment: dict[str, list[str]] = field(default_factory=dict)
    keys: dict[Pair, StoredKey] = field(default_factory=dict)
    of_keys: dict[str, Record] = field(default_factory=dict)

    def remember(self, record: Record) -> None:
        """Lets the sales that follow meet this one."""
        self.by_reference[record.merchant_id, record.reference] = record
        if record.payment_reference:
            self.by_payment[record.merchant_id, record.payment_reference] = record

    def remember_answer(self, key: Pair, stored: StoredKey, record: Record) -> None:
        """Lets the sales that follow meet an answer under its idempotency key."""
        self.keys[key] = stored
        self.of_keys[record.id] = record


@dataclass(frozen=True, slots=True)
class Facts:
    """What the desk knows of a set of sales; `earlier` and the balances move on as it takes them in order.

    `shops`: each sale's, or why it has none. `balances`: of buyers, locked; of those who bought what is only shown again,
    as they are. `busy`: buyers whose balances a neighbour may hold, where nobody waits. `lots`: what is spent from.
    `known`: memberships (member id, merchant id), and whether the member has proved it. `used_tokens`: presence tokens
    that have spent. `so_far`: refunds of sales that may be claimed. `tender`: coupons.
    """

    settings: Configuration
    shops: Sequence[Shop | DomainError]
    balances: dict[str, Balance]
    earlier: Earlier = field(default_factory=Earlier)
    busy: frozenset[str] = frozenset()
    lots: Sequence[Lot] = ()
    known: Mapping[Pair, bool] = field(default_factory=dict)
    used_tokens: frozenset[Presence] = frozenset()
    so_far: Mapping[str, SoFar] = field(default_factory=dict)
    tender: Tender = NOTHING_TENDERED

    def owner_of(self, sale: Sale) -> str | None:
        """The buyer, or whom it was merged into."""
        balance = self.balances.get(sale.buyer or "")
        return balance.member_id if balance else sale.buyer

    def buyer_of(self, sale: Sale) -> str | None:
        """The member whose sale it will be. Raises why a code or token can't name one, NotFound."""
        if sale.presented is not None and sale.presented.refusal is not None:
            raise sale.presented.refusal
        if sale.buyer is None:
            return None
        balance = self.balances.get(sale.buyer)
        if balance is None or balance.is_erased:
            pointer = shown_codes.TOKEN if sale.report.presence_token else "/member_id"
            raise NotFound.at(pointer, _l("member"))
        return balance.member_id

    def is_busy(self, sale: Sale) -> bool:
        """Whether a neighbour may hold the buyer's balance, or a coupon, for which nobody has waited."""
        return sale.buyer in self.busy or self._is_waiting_for_coupons(sale)

    def _is_waiting_for_coupons(self, sale: Sale) -> bool:
        if not (sale.codes or sale.redeemed_before or sale.is_redeemed_for):
            return False
        return self.tender.is_busy(sale) or any(one.member_id in self.busy for one in self.tender.all_of(sale))


def ask_facts(
    uow: UnitOfWork, sales: Sequence[Sale], *, wait: bool = True, lock_budgets: bool = True
) -> tuple[Facts, Earning]:
    """Reads and locks what sales depend on, and what they earn by.

    Locks are taken in one order everywhere (docs/locks.md). Without `wait`, what a neighbour has locked is left out.

    Raises Overtaken where the configuration was another one: a slice of a budget is held then by its terms, and the next
    might come before it in order.
    """
    known = configuration.remembered(uow.district_id)
    revision = districts.ask_revision(uow)
    questions = _Questions(uow, sales, known or configuration.read(uow), wait=wait, lock_budgets=lock_budgets)
    if questions.settings.directory.revision != revision():
        settings = configuration.read(uow)
        if lock_budgets and questions.settings.terms.tracking.budgets:
            raise Overtaken
        questions = _Questions(uow, sales, settings, wait=wait, lock_budgets=lock_budgets)
    return questions.answer()


class _Questions:
    """Every question that needs no other's answer is sent at once; `answer` asks the few that do."""

    def __init__(
        self, uow: UnitOfWork, sales: Sequence[Sale], settings: Configuration, *, wait: bool, lock_budgets: bool
    ) -> None:
        self._uow = uow
        self.settings = settings
        self._shops = [shop_of(sale, settings) for sale in sales]
        self._sold = [(sale, shop) for sale, shop in zip(sales, self._shops, strict=True) if isinstance(shop, Shop)]
        for sale, shop in self._sold:
            name_prints(sale, shop.store_id, uow.district_id)
        self._tender = self._find_coupons(wait=wait, lock=lock_budgets)
        self._keys = [(sale.principal.id, sale.idempotency_key) for sale in sales if sale.idempotency_key]
        self._payments = {
            (shop.merchant_id, one) for sale, shop in self._sold if (one := sale.report.payment_reference)
        }
        of_phone = self._members_of_phones()
        self._read_presence()
        self._find_buyers(of_phone)
        self._buying = [(buyer, sale, shop) for sale, shop in self._sold if (buyer := sale.buyer) is not None]
        if self._tender is not None:
            self._buying += [(one, sale, shop) for sale, shop in self._sold for one in self._named_by_coupons(sale)]
        self._buyers = {buyer for buyer, _, _ in self._buying}
        self._spenders = {buyer for buyer, sale, _ in self._buying if sale.report.points_to_spend}
        self._send(wait=wait, lock_budgets=lock_budgets)
        self._wait = wait

    def _send(self, *, wait: bool, lock_budgets: bool) -> None:
        uow = self._uow
        references = ((shop.merchant_id, sale.report.reference) for sale, shop in self._sold)
        payments = (payment for _, payment in self._payments)
        buyings = (Buying(buyer, facts_at(shop, sale.report, uow.now)) for buyer, sale, shop in self._buying)
        self._used_tokens = code_queries.ask_used_tokens(uow, self._tokens_that_spend())
        self._balances = points.ask_balances(uow, self._buyers, wait=wait)
        if self._tender is not None:
            self._tender.send()
        self._met = queries.ask_met(uow, references, payments, self._keys)
        self._lots = points.ask_spendable_lots(uow, self._spenders)
        self._known = members.ask_known(uow, [(buyer, shop.merchant_id) for buyer, _, shop in self._buying])
        self._earning = ask_earning(uow, self.settings, buyings, uow.overtaken_by if lock_budgets else None)

    def answer(self) -> tuple[Facts, Earning]:
        """Waits for the answers, and asks what follows from them."""
        met = self._met()
        balances = self._balances()
        busy = frozenset() if self._wait else frozenset(self._buyers - balances.keys())
        tender = NOTHING_TENDERED if self._tender is None else self._tender.answer(balances.keys() | busy)
        used_tokens = self._used_tokens()
        lots = self._lots() + self._lots_of_survivors(balances)
        known = self._known() | self._known_of_survivors(balances)
        earning = self._earning()
        earlier, so_far = self._earlier(met), {}
        if earlier.by_reference or earlier.of_keys:
            so_far = self._so_far(earlier)
            self._read_others(earlier, balances, known)
        facts = Facts(
            self.settings,
            self._shops,
            balances,
            earlier,
            busy,
            lots,
            known,
            frozenset(used_tokens),
            so_far,
            tender,
        )
        return facts, earning

    def _find_coupons(self, *, wait: bool, lock: bool) -> AskedTender | None:
        """Where the codes of sales lead, and what was redeemed for them before.

        References, and then campaigns, are the first locks.
        """
        paying, apart = [sale for sale, _ in self._sold if sale.codes], self.settings.directory.redeems_apart
        awaited: dict[Pair, list[Sale]] = {}
        for sale, shop in self._sold if apart else ():
            if shop.merchant_id in apart:
                awaited.setdefault((shop.merchant_id, sale.report.reference), []).append(sale)
        if not (paying or awaited):
            return None
        return AskedTender(self._uow, paying, awaited, lock=lock, wait=wait)

    def _named_by_coupons(self, sale: Sale) -> set[str]:
        """Members whose coupons a sale names: one of them is the buyer where nobody else is named."""
        if not (sale.codes or sale.redeemed_before) or self._tender is None:
            return set()
        return self._tender.members_of(sale) - {sale.buyer}

    def _earlier(self, met: Sequence[queries.Met]) -> Earlier:
        """What was met, but for other merchants' sales with a payment in common: of those only the ids are known."""
        earlier, own = Earlier(), []
        for one in met:
            if one.merchant_id is None or one.payment_reference is None:
                own.append(one.id)
                continue
            earlier.of_payment.setdefault(one.payment_reference, []).append(f"txn_{one.id}")
            if (one.merchant_id, one.payment_reference) in self._payments:
                own.append(one.id)
        if own:
            earlier.keys = idempotency.stored_keys(self._uow, self._keys)
            answered = [answer["transaction"] for _, _, answer in earlier.keys.values() if "transaction" in answer]
            found = queries.records(self._uow, [*own, *answered])
            earlier.of_keys = {one: found[one] for one in answered if one in found}
            for record in found.values():
                earlier.remember(record)
        return earlier

    def _so_far(self, earlier: Earlier) -> dict[str, SoFar]:
        """What was refunded of sales that a second report of their payment may give to a member."""
        claimable = [one.id for one in earlier.by_payment.values() if one.member_id is None and one.refunded_amount]
        return queries.ask_so_far(self._uow, claimable)() if claimable else {}

    def _read_others(self, earlier: Earlier, balances: dict[str, Balance], known: dict[Pair, bool]) -> None:
        """The buyers of what is only shown again; their balances aren't locked."""
        records = (*earlier.by_reference.values(), *earlier.of_keys.values())
        pairs = {(one.member_id, one.merchant_id) for one in records if one.member_id is not None}
        others = points.ask_balances(self._uow, {one for one, _ in pairs} - balances.keys(), lock=False)
        memberships = members.ask_known(self._uow, pairs - known.keys())
        balances.update(others())
        known.update(memberships())

    def _lots_of_survivors(self, balances: Mapping[str, Balance]) -> list[Lot]:
        """Where a spender was merged: what the survivor has, read only now that its balance is locked too."""
        found = ((spender, balances[spender].member_id) for spender in self._spenders & balances.keys())
        return points.ask_spendable_lots(self._uow, {owner for spender, owner in found if owner != spender})()

    def _known_of_survivors(self, balances: Mapping[str, Balance]) -> dict[Pair, bool]:
        """The same of whom a buyer was merged into."""
        owners = [
            (balances[buyer].member_id, buyer, shop.merchant_id) for buyer, _, shop in self._buying if buyer in balances
        ]
        return members.ask_known(self._uow, [(one, merchant) for one, old, merchant in owners if one != old])()

    def _read_presence(self) -> None:
        """What the codes and tokens of sales say; a token names its member as an id would."""
        showing = [(sale, shop) for sale, shop in self._sold if sale.report.member_code or sale.report.presence_token]
        if not showing:
            return
        shown = [shown_codes.shown_at(sale.report, sale.guesses, shop) for sale, shop in showing]
        for (sale, _), one in zip(showing, shown_codes.read_shown(self._uow, shown), strict=True):
            sale.presented = one
            if sale.report.presence_token and one.member_id is not None:
                sale.member_prints = (print_of_member("member_id", one.member_id.encode()),)

    def _find_buyers(self, of_phone: Mapping[bytes, str]) -> None:
        """Whom each sale leads to; `of_phone`: members by the blind index of a phone."""
        for sale, _ in self._sold:
            if sale.is_by_stranger:
                sale.buyer = STRANGER
            elif sale.report.member_id:
                sale.buyer = sale.report.member_id
            elif sale.presented is not None:
                sale.buyer = sale.presented.member_id
            else:
                sale.buyer = next((of_phone[index] for index in sale.phone_indexes if index in of_phone), None)

    def _tokens_that_spend(self) -> set[Presence]:
        shown = (sale.presented for sale, _ in self._sold if sale.presented is not None and sale.report.points_to_spend)
        return {one.token for one in shown if one.token is not None}

    def _members_of_phones(self) -> dict[bytes, str]:
        """Members by blind index. A phone that is nobody's is held, so that who joins with it sees this sale.

        Nobody's, too, is one whose member hasn't proved to be there for so long that the number may be another's.
        """
        by_phone = [sale for sale, _ in self._sold if sale.phone_indexes and not sale.is_by_stranger]
        indexes = [index for sale in by_phone for index in sale.phone_indexes]
        if not indexes:
            return {}
        since = self._uow.now - timedelta(days=runtime().settings.recycled_after_days)
        found = members.present_of_phones(self._uow, indexes, since)
        unknown = [sale for sale in by_phone if found.keys().isdisjoint(sale.phone_indexes)]
        if unknown:
            members.lock_phones(self._uow, {sale.report.phone for sale in unknown if sale.report.phone})
            late = (index for sale in unknown for index in sale.phone_indexes)
            found.update(members.present_of_phones(self._uow, late, since))
        return found


def facts_at(shop: Shop, report: SaleReport, now: datetime) -> SaleFacts:
    """What the rules may look at of a sale that is reported; it earns on no more than its bill."""
    occurred_at, where = report.occurred_at or now, (shop.merchant_id, shop.store_id, shop.category)
    return SaleFacts(report.amount, occurred_at, *where, report.channel, report.payment_method)


def shop_of(sale: Sale, settings: Configuration) -> Shop | DomainError:
    """The store of a sale, by id, by code, or of a store's own key; another merchant's is not found."""
    report, principal = sale.report, sale.principal
    shops = settings.directory
    if report.store_id:
        pointer, shop = "/store_id", shops.by_id.get(report.store_id)
    elif report.store_code:
        pointer, shop = "/store_code", shops.by_code.get(report.store_code)
    elif principal.store_id:
        pointer, shop = "/store_id", shops.by_id.get(principal.store_id)
    else:
        return ValidationFailed.at("/store_id", "required", _l("A store is needed, unless the key is a store's own."))
    if shop is None or not principal.acts_for(shop.merchant_id, shop.store_id):
        return NotFound.at(pointer, _l("store"))
    if report.currency not in (None, shops.currency):
        return ValidationFailed.at(
            "/currency", "other-currency", _l("This district's currency is %(currency)s.", currency=shops.currency)
        )
    return shop

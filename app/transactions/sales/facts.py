"""What a set of sales depends on, read and locked at once: in a pipeline the common case takes one round trip."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from app.districts import queries as districts
from app.districts.queries import Shop
from app.foundation.database import idempotency
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.problems import DomainError, NotFound, ValidationFailed
from app.foundation.runtime import keyring, runtime
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
from app.transactions.sales.earning import STRANGER, Buying, ask_earning
from app.transactions.sales.record import Record
from app.transactions.sales.sale import Sale, print_of_body, print_of_member


class Facts:
    """The district's settings, each sale's shop or refusal, what was met before, and the buyers' locked balances.

    Locks are taken in one order everywhere: configuration, phones, balances by member, sales by id, budgets. Balances of
    others, who bought what is only shown again, aren't locked. `swept`: budgets to be looked at as a whole, see
    `earning.ask_earning`. Without `wait`, balances that a neighbour has locked are left out.
    `used_tokens`: presence tokens that have spent. `of_payment`: ids of sales at any merchant, by payment reference.
    `known` holds (member id, merchant id) pairs that are memberships, and whether the member has proved it.
    """

    def __init__(self, uow: UnitOfWork, sales: Sequence[Sale], swept: set[str] | None, *, wait: bool = True) -> None:
        self._uow = uow
        self._swept = swept
        self._wait = wait
        self._sales = sales
        known = configuration.remembered(uow.district_id)
        revision = districts.ask_revision(uow)
        self._ask(known or configuration.read(uow))
        if self.settings.directory.revision != revision():
            self._ask(configuration.read(uow))
        self._read()

    def _ask(self, settings: Configuration) -> None:
        """Sends every question that needs no other's answer."""
        self.settings = settings
        self.shops = [shop_of(sale, settings) for sale in self._sales]
        known = [(sale, shop) for sale, shop in zip(self._sales, self.shops, strict=True) if isinstance(shop, Shop)]
        for sale, shop in known:
            _name_prints(sale, shop, self._uow.district_id)
        self._keys = [(sale.principal.id, sale.idempotency_key) for sale in self._sales if sale.idempotency_key]
        references = ((shop.merchant_id, sale.report.reference) for sale, shop in known)
        self._payments = {(shop.merchant_id, one) for sale, shop in known if (one := sale.report.payment_reference)}
        self.of_phone = self._members_of_phones()
        self._read_presence(known)
        buying = [(buyer, sale, shop) for sale, shop in known if (buyer := self.buyer_of(sale)) is not None]
        buyers = [(buyer, shop.merchant_id) for buyer, _, shop in buying]
        spenders = (self.buyer_of(sale) for sale in self._sales if sale.report.points_to_spend)
        self._spenders = {one for one in spenders if one is not None}
        self._used_tokens = code_queries.ask_used_tokens(self._uow, self._tokens_that_spend())
        payments = (payment for _, payment in self._payments)
        self._met = queries.ask_met(self._uow, references, payments, self._keys)
        self._balances = points.ask_balances(self._uow, {buyer for buyer, _ in buyers}, wait=self._wait)
        self._lots = points.ask_spendable_lots(self._uow, self._spenders)
        self._known = members.ask_known(self._uow, buyers)
        buyings = (Buying(buyer, facts_at(shop, sale.report, self._uow.now)) for buyer, sale, shop in buying)
        self._earning = ask_earning(self._uow, settings, buyings, self._swept)

    def _read(self) -> None:
        met = self._met()
        self.balances: dict[str, Balance] = self._balances()
        self._at_hand = frozenset(self.balances)
        self.used_tokens = self._used_tokens()
        self.lots = self._lots() + self._lots_of_survivors()
        self.known = self._known() | self._known_of_survivors()
        self.earning = self._earning()
        self.by_reference: dict[tuple[str, str], Record] = {}
        self.by_payment: dict[tuple[str, str], Record] = {}
        self.of_payment: dict[str, list[str]] = {}
        self.keys: dict[tuple[str, str], idempotency.StoredKey] = {}
        self.of_keys: dict[str, Record] = {}
        own = [self._note(one) for one in met]
        if any(own):
            self._read_met(one for one in own if one)
        self._read_others()

    def _read_others(self) -> None:
        """The buyers of what is only shown again."""
        records = (*self.by_reference.values(), *self.of_keys.values())
        pairs = {(one.member_id, one.merchant_id) for one in records if one.member_id is not None}
        balances = points.ask_balances(self._uow, {one for one, _ in pairs} - self.balances.keys(), lock=False)
        known = members.ask_known(self._uow, pairs - self.known.keys())
        self.balances.update(balances())
        self.known.update(known())

    def _read_met(self, met: Iterable[str]) -> None:
        self.keys = idempotency.stored_keys(self._uow, self._keys)
        answered = [answer["transaction"] for _, _, answer in self.keys.values() if "transaction" in answer]
        found = queries.records(self._uow, [*met, *answered])
        self.of_keys = {one: found[one] for one in answered if one in found}
        for record in found.values():
            self.remember(record)

    def _note(self, met: queries.Met) -> str | None:
        """The id of what was met, but for another merchant's sale with a payment in common: of that only the id is known."""
        merchant_id, payment = met.merchant_id, met.payment_reference
        if merchant_id is None or payment is None:
            return met.id
        self.of_payment.setdefault(payment, []).append(f"txn_{met.id}")
        return met.id if (merchant_id, payment) in self._payments else None

    def _lots_of_survivors(self) -> list[Lot]:
        """Where a spender was merged: what the survivor has, read only now that its balance is locked too."""
        found = ((spender, self.balances[spender].member_id) for spender in self._spenders & self.balances.keys())
        return points.ask_spendable_lots(self._uow, {owner for spender, owner in found if owner != spender})()

    def _known_of_survivors(self) -> dict[tuple[str, str], bool]:
        """The same of whom a buyer was merged into."""
        buying = [(self.buyer_of(sale), shop) for sale, shop in zip(self._sales, self.shops, strict=True)]
        owners = [
            (self.balances[buyer].member_id, buyer, shop.merchant_id)
            for buyer, shop in buying
            if isinstance(shop, Shop) and buyer in self.balances
        ]
        return members.ask_known(self._uow, [(one, merchant) for one, old, merchant in owners if one != old])()

    def remember(self, record: Record) -> None:
        """Lets the sales that follow meet this one."""
        self.by_reference[record.merchant_id, record.reference] = record
        if record.payment_reference:
            self.by_payment[record.merchant_id, record.payment_reference] = record

    def buyer_of(self, sale: Sale) -> str | None:
        """The member that a sale names, or to whom its code, token or phone leads; STRANGER where that mustn't be told."""
        if sale.is_by_stranger:
            return STRANGER
        if sale.report.member_id:
            return sale.report.member_id
        if sale.presented is not None:
            return sale.presented.member_id
        return next((self.of_phone[index] for index in sale.phone_indexes if index in self.of_phone), None)

    def _read_presence(self, known: Sequence[tuple[Sale, Shop]]) -> None:
        """What the codes and tokens of sales say; a token names its member as an id would."""
        showing = [(sale, shop) for sale, shop in known if sale.report.member_code or sale.report.presence_token]
        if not showing:
            return
        presented = shown_codes.read(
            self._uow, [shown_codes.shown_at(sale.report, sale.guesses, shop) for sale, shop in showing]
        )
        for (sale, _), one in zip(showing, presented, strict=True):
            sale.presented = one
            if sale.report.presence_token and one.member_id is not None:
                sale.member_prints = (print_of_member("member_id", one.member_id.encode()),)

    def _tokens_that_spend(self) -> set[Presence]:
        shown = (sale.presented for sale in self._sales if sale.presented is not None and sale.report.points_to_spend)
        return {one.token for one in shown if one.token is not None}

    def is_busy(self, sale: Sale) -> bool:
        """Whether a neighbour may hold the buyer's balance, for whom nobody has waited."""
        return not self._wait and (buyer := self.buyer_of(sale)) is not None and buyer not in self._at_hand

    def owner_of(self, sale: Sale) -> str | None:
        """The buyer, or whom it was merged into."""
        buyer = self.buyer_of(sale)
        balance = self.balances.get(buyer or "")
        return balance.member_id if balance else buyer

    def _members_of_phones(self) -> dict[bytes, str]:
        """Members by blind index. A phone that is nobody's is held, so that who joins with it sees this sale.

        Nobody's, too, is one whose member hasn't proved to be there for so long that the number may be another's.
        """
        by_phone = [sale for sale in self._sales if sale.phone_indexes and not sale.is_by_stranger]
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
    if shop is None or (principal.merchant_id or shop.merchant_id) != shop.merchant_id:
        return NotFound.at(pointer, _l("store"))
    if (principal.store_id or shop.store_id) != shop.store_id:
        return NotFound.at(pointer, _l("store"))
    if report.currency not in (None, shops.currency):
        return ValidationFailed.at(
            "/currency", "other-currency", _l("This district's currency is %(currency)s.", currency=shops.currency)
        )
    return shop


def _name_prints(sale: Sale, shop: Shop, district_id: str) -> None:
    report = sale.report
    sale.body_print = print_of_body(report, shop.store_id)
    named_by = report.buyer_named_by
    if report.phone is not None and named_by == "phone":
        sale.phone_indexes = tuple(keyring().indexes(district_id, "phone", report.phone).values())
        sale.member_prints = tuple(print_of_member("phone", index) for index in sale.phone_indexes)
    elif named_by is not None:
        sale.member_prints = (print_of_member(named_by, getattr(report, named_by).encode()),)

"""The desk at which reported sales are decided on, one after the other. It asks nothing: all it knows are its facts.

Sales come in sets, one sale being a set of one, and each stands alone as if it had come alone. Two round trips for the
common case: the first asks and locks what the sales depend on (`facts.ask_facts`), the second writes. In between, each
sale is taken in order and sees what those before it left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple

from app.coupons.bill.together import Reckoning
from app.districts.queries import Shop
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.keyring import digest_of
from app.foundation.problems import DomainError, Flaw, IdempotencyKeyReused
from app.foundation.runtime import keyring
from app.foundation.tenancy import Principal
from app.ledger.rules import Journal
from app.points.purses.spending import spend_value
from app.transactions.errors import PaymentReferenceConflict, ReferenceConflict
from app.transactions.sales import differing
from app.transactions.sales.claims import is_open
from app.transactions.sales.earning import fix_terms, give_to_member
from app.transactions.sales.facts import Facts, ask_facts
from app.transactions.sales.parts import Parts, parts_of
from app.transactions.sales.record import NOTHING, Record, SoFar, check_accepts, check_time, new_record
from app.transactions.sales.sale import Sale


class Recorded(NamedTuple):
    """What a report ended with. `balance` is the buyer's (None for nobody); `status` is the HTTP status.

    `limits`: the headers of the limit that counted it.
    """

    record: Record
    status: int
    balance: dict[str, int] | None
    is_replay: bool = False
    limits: Mapping[str, str] = MappingProxyType({})


Outcome = Recorded | DomainError


class Priced(NamedTuple):
    """A sale as it will be recorded, and whose it will be. `reckoning`: of its coupons, if it has any."""

    record: Record
    buyer: str | None
    reckoning: Reckoning | None = None


def report(uow: UnitOfWork, sales: Sequence[Sale]) -> list[Outcome]:
    """Records sales in order. An outcome is what was recorded (201), what stood there before (200), or the refusal.

    Raises Overtaken where a neighbour was quicker, also as BudgetsRanDry.
    """
    desk = _open_desk(uow, sales)
    outcomes = [desk.handle(position) for position in range(len(sales))]
    desk.write()
    return outcomes


def report_free(uow: UnitOfWork, sales: Sequence[Sale]) -> list[Outcome | None]:
    """The same, waiting for no neighbour.

    None stands for a sale to a member whose balance a neighbour holds, and for those after it that share a reference
    with one of these: nothing has become of them.
    """
    desk = _open_desk(uow, sales, wait=False)
    outcomes = [None if desk.puts_off(position) else desk.handle(position) for position in range(len(sales))]
    desk.write()
    return outcomes


def _open_desk(uow: UnitOfWork, sales: Sequence[Sale], *, wait: bool = True) -> Desk:
    facts, earning = ask_facts(uow, sales, wait=wait)
    return Desk(sales, facts, parts_of(uow, facts, earning), uow.now, uow.principal)


def to_store(outcome: Recorded) -> dict[str, Any]:
    """What is kept under an idempotency key, so that the answer can be given again as it was."""
    record = outcome.record
    return {
        "transaction": record.id,
        "balance": outcome.balance,
        "refunded": record.refunded_amount,
        "unclaimed": record.member_id is None,
        "by_claim": record.claimed_at is not None,
    }


def as_answered(record: Record, status: int, stored: dict[str, Any]) -> Recorded:
    """A stored answer again: the sale as it stood then, whatever has become of it since."""
    record = replace(record, refunded_amount=stored["refunded"])
    if stored["unclaimed"]:
        record = replace(
            record, member_id=None, points_earned=0, merchant_funded=0, rule_set_version=None, outcomes=None
        )
    if not stored["by_claim"]:
        record.claimed_at = None
    return Recorded(record, status, stored["balance"], is_replay=True)


class Desk:
    """What becomes of each sale of a set, in order. `now` is the instant of recording, `principal` who records the set.

    `asks_for_evidence`: government vouchers need their payment.
    """

    asks_for_evidence: ClassVar[bool] = True

    def __init__(self, sales: Sequence[Sale], facts: Facts, parts: Parts, now: datetime, principal: Principal) -> None:
        self._sales = sales
        self._facts = facts
        self._parts = parts
        self._now = now
        self._principal = principal
        self._put_off: set[tuple[str, str, str]] = set()

    def puts_off(self, position: int) -> bool:
        """Whether a sale waits for its buyer, or for one before it that does and has a reference in common."""
        sale, shop = self._sales[position], self._facts.shops[position]
        is_busy = self._facts.is_busy(sale)
        if not isinstance(shop, Shop) or not (is_busy or self._put_off):
            return False
        names = {(shop.merchant_id, "reference", sale.report.reference)}
        if sale.report.payment_reference:
            names.add((shop.merchant_id, "payment", sale.report.payment_reference))
        names.update(("", "coupon", one.coupon_id) for one in self._facts.tender.all_of(sale))
        if not is_busy and self._put_off.isdisjoint(names):
            return False
        self._put_off |= names
        return True

    def handle(self, position: int) -> Outcome:
        """What becomes of one sale."""
        sale, shop = self._sales[position], self._facts.shops[position]
        if not isinstance(shop, Shop):
            return shop
        try:
            outcome = self._replayed(sale, shop) or self._known(sale, shop) or self._record(sale, shop)
        except DomainError as error:
            return error
        self._keep_answer(sale, outcome)
        return outcome

    def write(self) -> None:
        """Sends what was decided, each table in one statement. Raises Overtaken."""
        for part in self._parts:
            part.write()

    def _replayed(self, sale: Sale, shop: Shop) -> Recorded | None:
        """The first answer again, for an idempotency key that has one."""
        stored = self._facts.earlier.keys.get((sale.principal.id, sale.idempotency_key or ""))
        if stored is None:
            return None
        (print_, status, answer), owner = stored, self._facts.owner_of(sale)
        record = self._facts.earlier.of_keys.get(answer.get("transaction", ""))
        if record is None or print_ not in sale.key_prints or not differing.is_same_buyer(record, sale, owner):
            raise IdempotencyKeyReused(flaws=self._flaws(record, sale, shop) if record else [])
        return as_answered(record, status, answer)

    def _keep_answer(self, sale: Sale, outcome: Recorded) -> None:
        if not sale.idempotency_key or outcome.is_replay:
            return
        key = (sale.principal.id, sale.idempotency_key)
        stored = (sale.key_prints[0], outcome.status, to_store(outcome))
        self._facts.earlier.remember_answer(key, stored, outcome.record)
        self._parts.keys.add(key, stored)

    def _known(self, sale: Sale, shop: Shop) -> Recorded | None:
        """A sale that was recorded before, under its reference or its payment reference."""
        earlier, report = self._facts.earlier, sale.report
        record = earlier.by_reference.get((shop.merchant_id, report.reference))
        if record is not None:
            if not differing.is_again(record, sale, self._facts.owner_of(sale)):
                raise ReferenceConflict(flaws=self._flaws(record, sale, shop))
            return self._again(record, sale)
        record = earlier.by_payment.get((shop.merchant_id, report.payment_reference or ""))
        if record is None:
            return None
        differs = [] if record.amount == report.amount else ["/amount"]
        if not self._parts.coupons.are_of(record, sale):
            differs.append("/coupons")
        if differs:
            raise PaymentReferenceConflict(flaws=list(map(differing.flaw, differs)), transaction_id=record.id)
        if record.member_id is not None or not is_open(record, self._now):
            return self._again(record, sale)
        return self._again_unclaimed(record, sale)

    def _again_unclaimed(self, record: Record, sale: Sale) -> Recorded:
        """A second report of a payment gives a sale that is nobody's to the buyer it names, or lets it wait for a phone."""
        buyer = self._facts.buyer_of(sale)
        if buyer is not None:
            limits = self._parts.meetings.check(sale, buyer, record.merchant_id)
            claimed = self._claim(record, buyer)
            self._use_codes(sale, claimed)
            return self._again(claimed, sale)._replace(limits=limits)
        if sale.phone_indexes and record.phone_index is None:
            record = replace(record, phone_index=sale.phone_indexes[0])
            self._see_again(record)
            if record.id not in self._parts.new:
                self._parts.claims.add_waiting(record)
        return self._again(record, sale)

    def _claim(self, unclaimed: Record, buyer: str) -> Record:
        """A copy of the record, claimed: the record itself may be an answer that this set has given already."""
        claims, record = self._parts.claims, replace(unclaimed)
        claims.check(self._facts.balances[buyer])
        claims.count(record, buyer)
        self._give_to(record, buyer, self._facts.so_far.get(record.id, NOTHING))
        self._see_again(record)
        if record.id not in self._parts.new:
            claims.add_given(record)
        return record

    def _see_again(self, record: Record) -> None:
        """Lets the sales that follow meet a changed record; one that is new in this set is written as changed."""
        self._facts.earlier.remember(record)
        if record.id in self._parts.new:
            self._parts.new.add(record)

    def _again(self, record: Record, sale: Sale) -> Recorded:
        return Recorded(record, 200, self._balance(record, sale))

    def _balance(self, record: Record, sale: Sale) -> dict[str, int] | None:
        """The buyer's, for whoever may read it."""
        buyer = record.member_id
        if buyer is None or record.hides_buyer_from(sale.principal):
            return None
        if not self._parts.meetings.may_read(sale, buyer, record.merchant_id):
            return None
        return self._facts.balances[buyer].as_figures()

    def _record(self, sale: Sale, shop: Shop) -> Recorded:
        """A new sale: checked, priced, written down, given to its buyer."""
        check_time(sale, self._facts.settings, self._now)
        check_accepts(sale, shop, self._now)
        buyer = self._facts.buyer_of(sale)
        limits = self._parts.meetings.check(sale, buyer, shop.merchant_id) if buyer is not None else {}
        priced = self._price(sale, shop, buyer)
        record = priced.record
        if priced.reckoning is not None and self.asks_for_evidence:
            self._parts.coupons.check_evidence(record, priced.reckoning)
        if priced.buyer is None:
            self._leave_open(record, sale)
        else:
            self._spend(record, sale, priced.buyer)
            self._give_to(record, priced.buyer)
        if priced.reckoning is not None:
            self._parts.coupons.redeem(sale, record, shop, priced.reckoning)
        self._use_codes(sale, record)
        self._share_payment(record)
        self._parts.new.add(record)
        self._facts.earlier.remember(record)
        return Recorded(record, 201, self._balance(record, sale), limits=limits)

    def _price(self, sale: Sale, shop: Shop, buyer: str | None) -> Priced:
        """What is paid: coupons are taken off the bill first, then points, and the rest is money."""
        reckoning = self._parts.coupons.reckon(sale, shop, buyer, self._now)
        if reckoning is None:
            points_amount = self._points_amount(sale, buyer, shop.merchant_id, sale.report.amount)
            return Priced(new_record(sale, shop, self._facts.settings, self._now, points_amount), buyer)
        owner = buyer or self._unless_gone(reckoning.member_id)
        points_amount = self._points_amount(
            sale, owner, shop.merchant_id, reckoning.payable, is_named=buyer is not None
        )
        discount = self._parts.coupons.discount(reckoning)
        record = new_record(sale, shop, self._facts.settings, self._now, points_amount, discount)
        record.by_coupon = True if owner != buyer else None
        return Priced(record, owner, reckoning)

    def _unless_gone(self, member_id: str | None) -> str | None:
        """Whom a coupon names; nobody where they have left since it was redeemed."""
        return None if member_id is None or self._facts.balances[member_id].is_erased else member_id

    def _points_amount(
        self, sale: Sale, buyer: str | None, merchant_id: str, bill: int, *, is_named: bool = True
    ) -> int:
        """What the points to spend take off what coupons leave of a bill. `is_named`: not by a coupon alone."""
        report, proofs, terms = sale.report, self._parts.proofs, self._facts.settings.terms.spending
        if not report.points_to_spend:
            return 0
        is_proven = proofs.let_spend(sale) or sale.principal.may("points:spend-unproven")
        stale = proofs.spend_refusal(sale)
        if terms.needs_proof and not is_proven and stale is not None:
            raise stale
        is_read = buyer is not None and self._parts.meetings.may_read(sale, buyer, merchant_id)
        return spend_value(
            report.points_to_spend,
            bill,
            self._facts.balances[buyer] if buyer else None,
            terms,
            is_proven=is_proven,
            now=self._now,
            is_told=buyer is None or sale.is_present or (is_read and (is_named or sale.principal.merchant_id is None)),
        )

    def _leave_open(self, record: Record, sale: Sale) -> None:
        """A sale that is nobody's yet: its receipt has a secret, and a phone that it was sold to may join."""
        fix_terms(record, self._facts.settings)
        record.claim_hash = digest_of(keyring().derive("claim", record.id))
        record.phone_index = sale.phone_indexes[0] if sale.phone_indexes else None

    def _spend(self, record: Record, sale: Sale, buyer: str) -> None:
        if not record.points_spent:
            return
        journal = Journal(record.id, "sale", sale.principal.id, record.occurred_at)
        self._parts.purses.spend(journal, buyer, record.merchant_id, record.points_spent)
        if self._facts.settings.terms.spending.needs_proof and not self._parts.proofs.let_spend(sale):
            self._parts.meetings.note_unproven(sale, record, buyer)

    def _give_to(self, record: Record, buyer: str, refunded: SoFar = NOTHING) -> None:
        by = record.principal_id if record.recorded_at == self._now else self._principal.id
        give_to_member(record, buyer, by, self._facts.settings, self._parts.earning, self._parts.purses, refunded)

    def _use_codes(self, sale: Sale, record: Record) -> None:
        """A code that is right now proves nothing a second time, whatever it was shown for; a token spends once."""
        self._parts.meetings.add_sale(sale, record)
        self._parts.proofs.use_proof(sale, record)

    def _share_payment(self, record: Record) -> None:
        """A payment counts once at a merchant. At several each sale stands, and the alliance is told of every two.

        The rank is unique among the sales of a payment: who didn't see one that a neighbour adds does it all again.
        """
        if record.payment_reference is None:
            return
        others = self._facts.earlier.of_payment.setdefault(record.payment_reference, [])
        record.payment_rank = len(others)
        self._parts.new.share_payment(record, others)
        others.append(record.id)

    def _flaws(self, record: Record, sale: Sale, shop: Shop) -> list[Flaw]:
        return differing.of_sale(record, sale, shop, self._facts.owner_of(sale))

"""Reporting sales, in sets: one sale is a set of one, and each stands alone as if it had come alone.

Two round trips for the common case: the first asks and locks what the sales depend on, the second writes. In between,
each sale is taken in order and sees what those before it left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

from app.districts.queries import Shop
from app.foundation.database import idempotency
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.ids import new_id
from app.foundation.keyring import digest_of
from app.foundation.problems import DomainError, Flaw, IdempotencyKeyReused, NotFound, ValidationFailed
from app.foundation.runtime import keyring
from app.ledger.rules import Journal
from app.members.codes import keys as code_keys
from app.members.codes.presence_tokens import Presence
from app.members.errors import MemberCodeUsed
from app.points.purses.services import Purses
from app.points.purses.spending import spend_value
from app.transactions.codes.shown_codes import TOKEN
from app.transactions.configuration import Configuration
from app.transactions.errors import PaymentReferenceConflict, ReferenceConflict
from app.transactions.events import PaymentShared, TransactionRecorded
from app.transactions.sales import claims, differing, left_queries, writing
from app.transactions.sales.award import fix_terms, give_to_member
from app.transactions.sales.claims import Claims
from app.transactions.sales.facts import Facts
from app.transactions.sales.left import NOTHING, SoFar
from app.transactions.sales.meeting import Meetings
from app.transactions.sales.record import Record
from app.transactions.sales.sale import Sale
from app.transactions.times import check_clock


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


def report(uow: UnitOfWork, sales: Sequence[Sale], swept: set[str]) -> list[Outcome]:
    """Records sales in order. An outcome is what was recorded (201), what stood there before (200), or the refusal.

    Raises Overtaken where slices of budgets ran dry, after adding their rules to `swept`: do it all again with that.
    """
    desk = Desk(uow, sales, swept)
    outcomes = [desk.handle(position) for position in range(len(sales))]
    desk.write()
    return outcomes


def report_free(uow: UnitOfWork, sales: Sequence[Sale], swept: set[str]) -> list[Outcome | None]:
    """The same, waiting for no neighbour.

    None stands for a sale to a member whose balance a neighbour holds, and for those after it that share a reference
    with one of these: nothing has become of them.
    """
    desk = Desk(uow, sales, swept, wait=False)
    outcomes = [None if desk.puts_off(position) else desk.handle(position) for position in range(len(sales))]
    desk.write()
    return outcomes


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
        record = replace(record, member_id=None, points_earned=0, rule_set_version=None, outcomes=None)
    if not stored["by_claim"]:
        record.claimed_at = None
    return Recorded(record, status, stored["balance"], is_replay=True)


class Desk:
    """What becomes of each sale of a set, in order, and what is to be written of it."""

    def __init__(self, uow: UnitOfWork, sales: Sequence[Sale], swept: set[str] | None, *, wait: bool = True) -> None:
        self._uow = uow
        self._sales = sales
        self._facts = Facts(uow, sales, swept, wait=wait)
        self._put_off: set[tuple[str, str, str]] = set()
        self._purses = Purses(uow, self._facts.balances, self._facts.lots)
        self._new: dict[str, Record] = {}
        self._claims = Claims(uow, self._facts.settings)
        self._claimed, self._waiting = list[Record](), list[Record]()
        self._shared: list[PaymentShared] = []
        self._keys: list[tuple[idempotency.Pair, idempotency.StoredKey]] = []
        self._used: list[code_keys.Use] = []
        self._used_tokens: list[Presence] = []
        self._meetings = Meetings(uow, self._facts.known)

    def puts_off(self, position: int) -> bool:
        """Whether a sale waits for its buyer, or for one before it that does and has a reference in common."""
        sale, shop = self._sales[position], self._facts.shops[position]
        is_busy = self._facts.is_busy(sale)
        if not isinstance(shop, Shop) or not (is_busy or self._put_off):
            return False
        names = {(shop.merchant_id, "reference", sale.report.reference)}
        if sale.report.payment_reference:
            names.add((shop.merchant_id, "payment", sale.report.payment_reference))
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
        if sale.idempotency_key and not outcome.is_replay:
            key, answer = (sale.principal.id, sale.idempotency_key), to_store(outcome)
            [print_now, *_] = idempotency.sealed(sale.principal.district_id, sale.key_print)
            self._facts.keys[key] = (print_now, outcome.status, answer)
            self._facts.of_keys[outcome.record.id] = outcome.record
            self._keys.append((key, (print_now, outcome.status, answer)))
        return outcome

    def _replayed(self, sale: Sale, shop: Shop) -> Recorded | None:
        """The first answer again, for an idempotency key that has one."""
        stored = self._facts.keys.get((sale.principal.id, sale.idempotency_key or ""))
        if stored is None:
            return None
        record = self._facts.of_keys.get(stored[2].get("transaction", ""))
        prints = idempotency.sealed(sale.principal.district_id, sale.key_print)
        if record is None or stored[0] not in prints or not self._same_buyer(record, sale):
            raise IdempotencyKeyReused(flaws=self._flaws(record, sale, shop))
        return as_answered(record, stored[1], stored[2])

    def _known(self, sale: Sale, shop: Shop) -> Recorded | None:
        """A sale that was recorded before, under its reference or its payment reference."""
        record = self._facts.by_reference.get((shop.merchant_id, sale.report.reference))
        if record is not None:
            if not self._is_again(record, sale):
                raise ReferenceConflict(flaws=self._flaws(record, sale, shop))
            return self._again(record, sale)
        record = self._facts.by_payment.get((shop.merchant_id, sale.report.payment_reference or ""))
        if record is None:
            return None
        if record.amount != sale.report.amount:
            raise PaymentReferenceConflict(flaws=[differing.flaw("/amount")])
        if record.member_id is None and claims.is_open(self._uow, record):
            if (buyer := self._buyer(sale)) is not None:
                limits = self._meetings.check(sale, buyer, record.merchant_id)
                record = self._claim(record, buyer)
                self._use_code(sale, record)
                return self._again(record, sale)._replace(limits=limits)
            if sale.phone_indexes and record.phone_index is None:
                record = self._see_again(replace(record, phone_index=sale.phone_indexes[0]), self._waiting)
        return self._again(record, sale)

    def _claim(self, unclaimed: Record, buyer: str) -> Record:
        """The record as claimed; the one answered earlier in this set stays as it was answered."""
        self._claims.check(self._facts.balances[buyer])
        record = replace(unclaimed)
        self._claims.add(record, buyer)
        refunded = left_queries.ask_so_far(self._uow, [record.id])() if record.refunded_amount else {}
        self._give_to(record, buyer, refunded.get(record.id, NOTHING))
        return self._see_again(record, self._claimed)

    def _see_again(self, record: Record, known: list[Record]) -> Record:
        """Lets those that follow see a record as it is now; one that isn't of this set is written with those known."""
        self._facts.remember(record)
        if record.id in self._new:
            self._new[record.id] = record
        else:
            known.append(record)
        return record

    def _flaws(self, record: Record | None, sale: Sale, shop: Shop) -> list[Flaw]:
        if record is None:
            return []
        flaws = differing.of_sale(record, sale, shop, is_same_buyer=self._same_buyer(record, sale))
        return flaws if record.reference == sale.report.reference else [differing.flaw("/reference"), *flaws]

    def _again(self, record: Record, sale: Sale) -> Recorded:
        return Recorded(record, 200, self._balance(record, sale))

    def _balance(self, record: Record, sale: Sale) -> dict[str, int] | None:
        """The buyer's, for whoever may read it."""
        buyer = record.member_id
        if buyer is None or not self._meetings.may_read(sale, buyer, record.merchant_id):
            return None
        return self._facts.balances[buyer].as_figures()

    def _is_again(self, record: Record, sale: Sale) -> bool:
        """What an erased member bought is told by its amount alone: the rest of the report is forgotten."""
        if not record.body_print:
            return record.amount == sale.report.amount
        return record.body_print == sale.body_print and self._same_buyer(record, sale)

    def _same_buyer(self, record: Record, sale: Sale) -> bool:
        """Named the same way, or another way that leads to the same member."""
        if record.member_print in (sale.member_prints or (None,)):
            return True
        return record.member_id is not None and self._facts.owner_of(sale) == record.member_id

    def _buyer(self, sale: Sale) -> str | None:
        if sale.presented is not None and sale.presented.refusal is not None:
            raise sale.presented.refusal
        buyer = self._facts.buyer_of(sale)
        if buyer is None:
            return None
        balance = self._facts.balances.get(buyer)
        if balance is None or balance.is_erased:
            pointer = TOKEN if sale.report.presence_token else "/member_id"
            raise NotFound.at(pointer, _l("member"))
        return balance.member_id

    def _record(self, sale: Sale, shop: Shop) -> Recorded:
        check_time(sale, self._facts.settings, self._uow.now)
        buyer = self._buyer(sale)
        limits = self._meetings.check(sale, buyer, shop.merchant_id) if buyer is not None else {}
        points_amount = self._points_amount(sale, buyer, shop.merchant_id)
        record = new_record(sale, shop, self._facts.settings, self._uow.now, points_amount)
        if buyer is not None and record.points_spent:
            journal = Journal(record.id, "sale", sale.principal.id, record.occurred_at)
            self._purses.spend(journal, buyer, record.merchant_id, record.points_spent)
            if self._facts.settings.terms.spending.needs_proof and not self._spends_by_proof(sale):
                self._meetings.note_unproven(sale, record, buyer)
        if buyer is not None:
            self._give_to(record, buyer)
        else:
            fix_terms(record, self._facts.settings)
            record.claim_hash = digest_of(keyring().derive("claim", record.id))
            record.phone_index = sale.phone_indexes[0] if sale.phone_indexes else None
        self._use_code(sale, record)
        self._share_payment(record)
        self._new[record.id] = record
        self._facts.remember(record)
        return Recorded(record, 201, self._balance(record, sale), limits=limits)

    def _give_to(self, record: Record, buyer: str, refunded: SoFar = NOTHING) -> None:
        facts = self._facts
        give_to_member(self._uow, record, buyer, facts.settings, facts.earning, self._purses, refunded)

    def _share_payment(self, record: Record) -> None:
        """A payment counts once at a merchant. At several each sale stands, and the alliance is told of every two.

        The rank is unique among the sales of a payment: who didn't see one that a neighbour adds does it all again.
        """
        if record.payment_reference is None:
            return
        others = self._facts.of_payment.setdefault(record.payment_reference, [])
        record.payment_rank = len(others)
        self._shared += [PaymentShared(record.id, other) for other in others]
        others.append(record.id)

    def _points_amount(self, sale: Sale, buyer: str | None, merchant_id: str) -> int:
        """What the points to spend take off the bill."""
        if not sale.report.points_to_spend:
            return 0
        terms = self._facts.settings.terms.spending
        stale = self._spend_refusal(sale)
        is_proven = self._spends_by_proof(sale) or sale.principal.may("points:spend-unproven")
        if terms.needs_proof and not is_proven and stale is not None:
            raise stale
        return spend_value(
            sale.report.points_to_spend,
            sale.report.amount,
            self._facts.balances[buyer] if buyer else None,
            terms,
            is_proven=is_proven,
            now=self._uow.now,
            is_told=buyer is None or sale.is_present or self._meetings.may_read(sale, buyer, merchant_id),
        )

    def _spends_by_proof(self, sale: Sale) -> bool:
        """Whether a live code or token of the buyer, not spent by before, lets points be spent."""
        return sale.presented is not None and self._spend_refusal(sale) is None

    def _spend_refusal(self, sale: Sale) -> DomainError | None:
        """Why points can't be spent by the code or token of a sale, if it has one: each spends once."""
        if sale.presented is None:
            return None
        is_used = sale.presented.token in self._facts.used_tokens
        return sale.presented.spend_refusal or (MemberCodeUsed.at(TOKEN) if is_used else None)

    def _use_code(self, sale: Sale, record: Record) -> None:
        """A code that is right now proves nothing a second time, whatever it was shown for; a token spends once."""
        self._meetings.add_sale(sale, record)
        if sale.presented is None:
            return
        moment, token = sale.presented.moment, sale.presented.token
        if moment is not None and not moment.is_used:
            moment.is_used = True
            self._used.append((moment.member_id, moment.step, record.store_id))
        if token is not None and record.points_spent and token not in self._facts.used_tokens:
            self._facts.used_tokens.add(token)
            self._used_tokens.append(token)

    def write(self) -> None:
        """Sends what was decided, each table in one statement. Raises Overtaken where budgets have to be swept."""
        self._facts.earning.check()
        code_keys.use_codes(self._uow, self._used)
        code_keys.use_tokens(self._uow, self._used_tokens)
        writing.claim(self._uow, self._claimed)
        writing.wait_for_phones(self._uow, self._waiting)
        self._uow.emit(*map(claims.claimed, self._claimed))
        self._claims.write()
        new = list(self._new.values())
        writing.insert(self._uow, new)
        self._purses.write()
        self._uow.emit(*map(_recorded, new), *self._shared)
        self._facts.earning.write()
        idempotency.keep_keys(self._uow, self._keys)
        self._meetings.write()


def check_time(sale: Sale, settings: Configuration, now: datetime) -> None:
    """Raises ValidationFailed for a sale that is too old for the programme, or of the future."""
    occurred_at = sale.report.occurred_at
    check_clock(occurred_at, now)
    days = settings.terms.late_sale_days
    if occurred_at is None or days is None or sale.principal.may("transactions:backdate"):
        return
    if occurred_at < now - timedelta(days=days):
        raise ValidationFailed.at("/occurred_at", "too-old", _l("Sales are accepted for %(days)s days.", days=days))


def new_record(sale: Sale, shop: Shop, settings: Configuration, now: datetime, points_amount: int) -> Record:
    """A report as a record that is nobody's yet. Raises ValidationFailed."""
    report = sale.report
    paid = report.amount - points_amount
    eligible = paid if report.eligible_amount is None else report.eligible_amount
    if eligible > paid:
        words = _l("What earns is at most what was paid in money.")
        raise ValidationFailed.at("/eligible_amount", "out-of-range", words)
    return Record(
        id=new_id("txn"),
        merchant_id=shop.merchant_id,
        store_id=shop.store_id,
        member_id=None,
        reference=report.reference,
        body_print=sale.body_print,
        member_print=sale.member_prints[0] if sale.member_prints else None,
        phone_index=None,
        amount=report.amount,
        discount_amount=0,
        points_spent=report.points_to_spend,
        points_amount=points_amount,
        paid_amount=paid,
        eligible_amount=eligible,
        refunded_amount=0,
        currency=settings.directory.currency,
        points_earned=0,
        available_at=None,
        expires_at=None,
        rule_set_version=None,
        rounding=None,
        facts=None,
        outcomes=None,
        channel=report.channel,
        payment_method=report.payment_method,
        payment_reference=report.payment_reference,
        payment_rank=0,
        items=report.items or None,
        metadata=report.metadata or None,
        claim_hash=None,
        claimed_at=None,
        principal_id=sale.principal.id,
        occurred_at=report.occurred_at or now,
        recorded_at=now,
    )


def _recorded(record: Record) -> TransactionRecorded:
    return TransactionRecorded(
        record.id,
        record.merchant_id,
        record.store_id,
        record.member_id,
        record.amount,
        record.paid_amount,
        record.eligible_amount,
        record.points_earned,
        record.points_spent,
    )

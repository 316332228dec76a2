"""The desk at which refunds are decided on, in sets: one is a set of one, and each stands alone as if it had come alone.

The points of what is left are evaluated again by the version and the facts that the sale was recorded with; the
difference goes back (docs/points.en.md, "Refunds").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple, cast

from app.coupons.redeeming.refunding import CouponOfSale
from app.coupons.vouchers.refunding import VoucherRefund
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of, new_id
from app.foundation.problems import DomainError
from app.foundation.tenancy import Principal
from app.ledger.rules import Journal
from app.points.earning.rounding import FUNDERS
from app.points.purses import lifetimes
from app.points.purses.services import Refunded, RefundPolicy, Reversal
from app.transactions.errors import RefundReferenceConflict
from app.transactions.refunds import differing
from app.transactions.refunds.facts import Facts, ask_facts, unknown_sale
from app.transactions.refunds.judging import check_eligible, is_within, sums_with, with_share
from app.transactions.refunds.parts import Parts, parts_of
from app.transactions.refunds.rules import Refund, Share, print_of_refund, share_of
from app.transactions.reports import RefundReport
from app.transactions.sales.earning import evaluate_again
from app.transactions.sales.record import NOTHING, Record, SoFar, eligible_left
from app.transactions.times import check_clock

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
    facts = ask_facts(uow, reports)
    desk = Desk(reports, facts, parts_of(uow, facts), uow.now, uow.principal)
    outcomes = [desk.handle(position) for position in range(len(reports))]
    desk.write()
    return outcomes


class Desk:
    """What becomes of each refund of a set, in order. `now` is the instant of recording, `principal` who gives it back."""

    def __init__(
        self, reports: Sequence[RefundReport], facts: Facts, parts: Parts, now: datetime, principal: Principal
    ) -> None:
        self._reports = reports
        self._facts = facts
        self._parts = parts
        self._now = now
        self._principal = principal

    @property
    def _policy(self) -> RefundPolicy:
        return cast("RefundPolicy", self._facts.settings.terms.refund_policy)

    def handle(self, position: int) -> Outcome:
        """What becomes of one refund."""
        report, sale_id = self._reports[position], self._facts.sale_ids[position]
        try:
            record = self._sale(sale_id, report)
            return self._again(record, report) or self._record(record, report)
        except DomainError as error:
            return error

    def _sale(self, sale_id: str | DomainError, report: RefundReport) -> Record:
        if isinstance(sale_id, DomainError):
            raise sale_id
        record = self._facts.sales.get(sale_id)
        own = (
            record is not None
            and report.merchant_id in (None, record.merchant_id)
            and self._principal.acts_for(record.merchant_id, record.store_id)
        )
        if record is None or not own:
            raise unknown_sale("/transaction_id" if report.transaction_id else "/transaction_reference")
        return record

    def _again(self, record: Record, report: RefundReport) -> Given | None:
        known = self._facts.known.get((record.merchant_id, report.reference))
        if known is None:
            return None
        if not _is_same(known, record, report):
            raise RefundReferenceConflict(flaws=differing.of_refund(known, record.id, report))
        known = known if known.member_id is None else replace(known, member_id=record.member_id)
        return Given(known, 200, self._figures(record))

    def _figures(self, record: Record) -> dict[str, int] | None:
        """The member's balance, for whoever may read it."""
        readable = self._facts.readable
        if record.member_id is None or record.hides_buyer_from(self._principal):
            return None
        if readable is not None and record.member_id not in readable:
            return None
        return self._facts.balances[record.member_id].as_figures()

    def _record(self, record: Record, report: RefundReport) -> Given:
        before = self._facts.so_far.get(record.id, NOTHING)
        coupons = self._facts.coupons.get(record.id, ())
        after = sums_with(record, before, report)
        check_clock(report.occurred_at, self._now)
        share = share_of(record, coupons, before, after, by_items=bool(report.items))
        after = with_share(after, share, report)
        check_eligible(record, after)
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
            principal_id=self._principal.id,
            occurred_at=report.occurred_at or self._now,
            recorded_at=self._now,
            items=report.items or None,
            by_coupon=record.by_coupon,
        )
        if record.member_id is not None:
            self._give_back(new, record, before, after, record.member_id)
        self._remember(new, record, after)
        self._reduce_coupons(new, record, coupons, share)
        return Given(new, 201, self._figures(record))

    def _is_nobodys(self, record: Record) -> bool:
        """Whether its member was erased: what a till writes of that person isn't kept."""
        return record.member_id is not None and self._facts.balances[record.member_id].is_erased

    def _give_back(self, new: Refund, record: Record, before: SoFar, after: SoFar, member_id: str) -> None:
        """Takes back what is no longer earned, then gives back what had been spent.

        Who was erased owes nothing, and what comes back to them is lost at once.
        """
        journal = Journal(new.id, "refund", new.principal_id, new.occurred_at)
        refunded = Refunded(journal, record.id, member_id, record.merchant_id, self._principal.district_id)
        back = self._points_back(record, before, after, member_id)
        reversal = Reversal()
        if sum(back.values()):
            reversal = self._parts.purses.reverse(refunded, back, self._policy)
        new.points_reversed, new.merchant_reversed = sum(back.values()), back["merchant"]
        new.points_lapsed, new.points_taken = reversal.lapsed, reversal.taken
        new.points_owed, new.points_forgiven = reversal.owed, reversal.forgiven
        new.merchant_returned = reversal.merchant
        if new.points_restored:
            self._parts.purses.restore(
                refunded,
                self._facts.spent[hex_of(record.id)],
                before=before.restored,
                points=new.points_restored,
                extended_end=lifetimes.restored_until(self._now, self._facts.settings.directory.zone),
            )

    def _points_back(self, record: Record, before: SoFar, after: SoFar, member_id: str) -> dict[str, int]:
        """Points that go back, by funder: the shares that the sale has now less those of what is left of it."""
        if record.points_earned == before.points:
            return dict.fromkeys(FUNDERS, 0)
        given_back = {"merchant": before.merchant_points, "district": before.points - before.merchant_points}
        evaluated = evaluate_again(record, eligible_left(record, after), self._facts.settings)
        return self._parts.purses.earned_in_excess(member_id, record.id, given_back, evaluated.funded)

    def _remember(self, new: Refund, record: Record, after: SoFar) -> None:
        """Lets the refunds that follow see this one."""
        self._facts.known[record.merchant_id, new.reference] = new
        self._facts.so_far[record.id] = after._replace(
            points=after.points + new.points_reversed,
            merchant_points=after.merchant_points + new.merchant_reversed,
        )
        assert is_within(record, self._facts.so_far[record.id]), f"{record.id} gives back more than was paid"
        left = replace(record, refunded_amount=after.amount)
        self._facts.sales[record.id] = left
        self._parts.new.add(new, left)
        self._parts.returned.add(new, record)

    def _reduce_coupons(self, new: Refund, record: Record, coupons: Sequence[CouponOfSale], share: Share) -> None:
        """Takes from the discounts of a sale's coupons what has come back of them."""
        if not coupons:
            return
        is_whole = self._facts.sales[record.id].status == "refunded"
        reduced = [
            one.with_returned(returned, is_whole=is_whole)
            for one, returned in zip(coupons, share.returned, strict=True)
        ]
        new.discounts = dict.fromkeys((one.campaign_id for one in coupons), 0)
        for before, after in zip(coupons, reduced, strict=True):
            new.discounts[after.campaign_id] += after.returned - before.returned
            self._parts.coupons.add(before, after)
            refunded = VoucherRefund(before, after, new.amount, new.occurred_at, new.principal_id)
            self._parts.vouchers.add(refunded)
        self._facts.coupons[record.id] = reduced

    def write(self) -> None:
        """Sends what was decided, each table in one statement."""
        for part in self._parts:
            part.write()


def _is_same(known: Refund, record: Record, report: RefundReport) -> bool:
    """What an erased member gave back is told by its amount alone: the rest of the report is forgotten."""
    if not known.body_print:
        return known.amount == report.amount
    return known.body_print == print_of_refund(report, record.id)

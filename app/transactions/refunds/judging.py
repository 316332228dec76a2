"""What may be given back of what is left of a sale. Pure."""

from __future__ import annotations

import math

from app.coupons.bill.giving_back import check_amount, units_with
from app.foundation.i18n import words as _l
from app.foundation.problems import Flaw, ValidationFailed
from app.transactions.errors import RefundWay
from app.transactions.refunds.rules import Share, lines_of
from app.transactions.reports import RefundReport
from app.transactions.sales.record import Record, SoFar, eligible_left


def sums_with(record: Record, before: SoFar, report: RefundReport) -> SoFar:
    """What has come back of a sale's bill with a refund, and what of it no longer earns. Raises ValidationFailed where that
    is more than is left, or other than its items cost; RefundWay.
    """
    left = record.amount - before.amount
    if report.items and (left or before.units):
        _check_way(left, report, is_other=before.amount > 0 and not before.units)
        units = units_with(lines_of(record), before.units, report.returned)
        check_amount(lines_of(record), before.units, units, report.amount)
        before = before._replace(units=units)
    if report.amount > left:
        raise ValidationFailed.at(
            "/amount", "out-of-range", _l("Of this sale, %(left)s is left to give back.", left=left)
        )
    if not report.items:
        _check_way(left, report, is_other=bool(before.units))
    eligible = report.eligible_amount
    if eligible is not None and eligible > eligible_left(record, before):
        words = _l("No more can be given back than what is left eligible.")
        raise ValidationFailed.at("/eligible_amount", "out-of-range", words)
    return before._replace(
        amount=before.amount + report.amount,
        eligible=before.eligible + (eligible or 0),
        by_share=before.by_share + (report.amount if eligible is None and not report.items else 0),
    )


def _check_way(left: int, report: RefundReport, *, is_other: bool) -> None:
    """A sale that was refunded the other way before is so until all that is left goes. Raises RefundWay."""
    if is_other and report.amount != left:
        name = "items" if report.items else "amount"
        words = _l("This sale is refunded the other way, or all %(left)s that is left of it at once.", left=left)
        raise RefundWay(words, flaws=[Flaw(f"/{name}", RefundWay.code, words)])


def with_share(after: SoFar, share: Share, report: RefundReport) -> SoFar:
    """The sums with what a refund gives back."""
    shrinks_by_money = bool(report.items) and report.eligible_amount is None
    return after._replace(
        money=after.money + share.money,
        discount=after.discount + share.discount,
        restored=after.restored + share.restored,
        by_money=after.by_money + (share.money if shrinks_by_money else 0),
    )


def check_eligible(record: Record, after: SoFar) -> None:
    """What was given back in money earns no longer, however it was split. Raises ValidationFailed."""
    money_left = record.paid_amount - after.money
    excess = math.ceil(eligible_left(record, after) - money_left)
    if excess > 0:
        words = _l(
            "More would stay eligible than the %(left)s that stay paid: give %(excess)s more of it back.",
            left=money_left,
            excess=excess,
        )
        raise ValidationFailed.at("/eligible_amount", "out-of-range", words)


def is_within(record: Record, so_far: SoFar) -> bool:
    """Whether no part of a sale has been given back beyond the whole of it."""
    whole = (record.amount, record.paid_amount, record.discount_amount, record.points_earned, record.points_spent)
    given = (so_far.amount, so_far.money, so_far.discount, so_far.points, so_far.restored)
    return all(0 <= part <= most for part, most in zip(given, whole, strict=True))

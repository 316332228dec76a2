"""Whether a report is the one that stands there, and in what it differs: told by pointers, never by what the other says.

Of a sale only its figures and words are kept, and a print of the rest: what can't be told from these isn't.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.coupons.bill.codes import hint_of
from app.coupons.bill.errors import CodeMistyped
from app.districts.queries import Shop
from app.foundation.i18n import words as _l
from app.foundation.problems import Flaw
from app.transactions.reports import SaleReport
from app.transactions.sales.record import Record
from app.transactions.sales.sale import Sale


def is_same_buyer(record: Record, sale: Sale, owner: str | None) -> bool:
    """Whether a report names the record's buyer: the same way, or another way that leads to the same member, `owner`.

    Whom a coupon named can't be named otherwise later: the answer would tell whose the coupon was.
    """
    if record.member_print in (sale.member_prints or (None,)):
        return True
    return not record.by_coupon and record.member_id is not None and owner == record.member_id


def is_again(record: Record, sale: Sale, owner: str | None) -> bool:
    """Whether a report says what a record does.

    Of what an erased member bought only the amount can be compared: the rest of the report is forgotten.
    """
    if not record.body_print:
        return record.amount == sale.report.amount
    return record.body_print == sale.body_print and is_same_buyer(record, sale, owner)


def flaw(pointer: str) -> Flaw:
    """One field that differs."""
    return Flaw(pointer, "differs", _l("It was reported otherwise before."))


def of_sale(record: Record, sale: Sale, shop: Shop, owner: str | None) -> list[Flaw]:
    """Where a sale differs from a record; to another store's key only that the store does."""
    report = sale.report
    flaws = [*map(flaw, _of_report(record, report, sale.codes))]
    if not is_same_buyer(record, sale, owner):
        flaws.append(flaw(f"/{report.buyer_named_by or 'member_id'}"))
    if record.store_id != shop.store_id:
        store = flaw("/store_code" if report.store_code else "/store_id")
        flaws = [store] if sale.principal.store_id else [store, *flaws]
    return flaws if record.reference == report.reference else [flaw("/reference"), *flaws]


def _of_report(record: Record, report: SaleReport, codes: Sequence[str | CodeMistyped]) -> Iterator[str]:
    if record.amount != report.amount:
        yield "/amount"
    if not record.body_print:  # its member was erased: all else is forgotten
        return
    eligible = record.paid_amount if report.eligible_amount is None else report.eligible_amount
    if record.eligible_amount != eligible and not (record.coupons and record.eligible_amount == 0):
        yield "/eligible_amount"
    if record.points_spent != report.points_to_spend:
        yield "/points_to_spend"
    said = record.recorded_at if report.occurred_at is None else report.occurred_at
    if record.occurred_at != said:
        yield "/occurred_at"
    for name in ("channel", "payment_method", "payment_reference"):
        if getattr(record, name) != getattr(report, name):
            yield f"/{name}"
    if not _may_be_of(record, codes):
        yield "/coupons"
    for name in ("items", "metadata"):
        if (getattr(record, name) or None) != (getattr(report, name) or None):
            yield f"/{name}"


def _may_be_of(record: Record, codes: Sequence[str | CodeMistyped]) -> bool:
    """Whether codes have the ends of those that a sale was paid with, which is all that is kept of them."""
    hints = [hint_of(code) if isinstance(code, str) else "" for code in codes]
    return sorted(hints) == sorted(hint for _, _, hint, _ in record.coupons or ())

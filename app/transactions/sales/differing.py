"""In what a report differs from the one that stands there: told by pointers, never by what the other says.

Of a sale only its figures and words are kept, and a print of the rest: what can't be told from these isn't.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.districts.queries import Shop
from app.foundation.i18n import words as _l
from app.foundation.problems import Flaw
from app.transactions.reports import SaleReport
from app.transactions.sales.record import Record
from app.transactions.sales.sale import Sale


def flaw(pointer: str) -> Flaw:
    """One field that differs."""
    return Flaw(pointer, "differs", _l("It was reported otherwise before."))


def of_sale(record: Record, sale: Sale, shop: Shop, *, is_same_buyer: bool) -> list[Flaw]:
    """Where a sale differs from the record under its reference; to another store's key only that the store does."""
    report = sale.report
    if record.store_id != shop.store_id:
        store = flaw("/store_code" if report.store_code else "/store_id")
        if sale.principal.store_id:
            return [store]
        return [store, *map(flaw, _of_report(record, report)), *_of_buyer(report, is_same_buyer)]
    return [*map(flaw, _of_report(record, report)), *_of_buyer(report, is_same_buyer)]


def _of_report(record: Record, report: SaleReport) -> Iterator[str]:
    if record.amount != report.amount:
        yield "/amount"
    if not record.body_print:  # its member was erased: all else is forgotten
        return
    eligible = record.paid_amount if report.eligible_amount is None else report.eligible_amount
    if record.eligible_amount != eligible:
        yield "/eligible_amount"
    if record.points_spent != report.points_to_spend:
        yield "/points_to_spend"
    said = record.recorded_at if report.occurred_at is None else report.occurred_at
    if record.occurred_at != said:
        yield "/occurred_at"
    for name in ("channel", "payment_method", "payment_reference"):
        if getattr(record, name) != getattr(report, name):
            yield f"/{name}"
    for name in ("items", "metadata"):
        if (getattr(record, name) or None) != (getattr(report, name) or None):
            yield f"/{name}"


def _of_buyer(report: SaleReport, is_same_buyer: bool) -> Iterable[Flaw]:
    if is_same_buyer:
        return ()
    named = report.buyer_named_by or "member_id"
    return (flaw(f"/{named}"),)

"""In what a refund differs from the one that stands there."""

from __future__ import annotations

from app.foundation.problems import Flaw
from app.transactions.refunds.rules import Refund
from app.transactions.reports import RefundReport, units_of
from app.transactions.sales.differing import flaw


def of_refund(known: Refund, transaction_id: str, report: RefundReport) -> list[Flaw]:
    """Where a refund differs from the one under its reference."""
    names = []
    if known.transaction_id != transaction_id:
        names.append("transaction_id" if report.transaction_id else "transaction_reference")
    if known.amount != report.amount:
        names.append("amount")
    if known.body_print:
        names += [name for name in ("eligible_amount", "reason") if getattr(known, name) != getattr(report, name)]
        said = known.recorded_at if report.occurred_at is None else report.occurred_at
        names += ["occurred_at"] if known.occurred_at != said else []
    names += ["items"] if units_of(known.items or ()) != units_of(report.items) else []
    return [flaw(f"/{name}") for name in names]

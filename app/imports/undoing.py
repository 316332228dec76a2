"""What an import has recorded is taken back, set by set, each in one commit with what is noted of its lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from app.foundation import audit
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.problems import DomainError
from app.imports.queries import KeptRow, made_id
from app.imports.writing import End
from app.points import opening
from app.transactions.refunds import desk
from app.transactions.reports import RefundReport
from app.transactions.sales import queries as sales

TakeBack = Callable[[UnitOfWork, str, Sequence[KeptRow]], list[End]]


def refund_sales(uow: UnitOfWork, import_id: str, rows: Sequence[KeptRow]) -> list[End]:
    """Refunds what is left of sales; a refund is known by the import and the line."""
    ids = {row.number: made_id("sales", row.made_id) or "" for row in rows}
    records = sales.records(uow, ids.values())
    left = {number: records[one].amount - records[one].refunded_amount for number, one in ids.items()}
    due = [number for number in ids if left[number]]
    reports = [
        RefundReport(f"{import_id}-{number}", left[number], transaction_id=ids[number], occurred_at=None)
        for number in due
    ]
    outcomes = dict(zip(due, desk.refund(uow, reports) if reports else [], strict=True))
    return [_end(row, outcomes.get(row.number)) for row in rows]


def _end(row: KeptRow, outcome: desk.Outcome | None) -> End:
    if isinstance(outcome, DomainError):
        return End(row.number, row.rows, "kept", reason={"problem": outcome.as_kept()})
    return End(row.number, row.rows, "undone")


def take_openings_back(uow: UnitOfWork, _import_id: str, rows: Sequence[KeptRow]) -> list[End]:
    """Takes back of what members brought along what isn't spent; they stay members."""
    brought = [row.adjustment_id for row in rows if row.adjustment_id is not None]
    taken = opening.take_back(uow, brought, str(_l("The import is taken back")))
    audit.record_all(
        uow,
        [
            audit.Act(uow.principal, "points.adjusted", one, {"points": -points})
            for one, points in taken.items()
            if points
        ],
    )
    return [End(row.number, row.rows, "undone" if taken.get(row.adjustment_id or "") else "kept") for row in rows]


UNDOERS: Mapping[str, TakeBack] = {"sales": refund_sales, "members": take_openings_back}

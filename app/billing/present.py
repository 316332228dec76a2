"""How plans and a district's billing are shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.billing import queries
from app.billing.models import BillingInvoice, PlanRow, Subscription
from app.billing.rules import READ_ONLY
from app.foundation.clock import format_instant
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.pagination import list_answer, rows_of_page

_NOTHING: dict[str, Any] = {
    **dict.fromkeys(("status", "plan", "trial_ends_at", "period_ends_at", "retry_at")),
    "has_mandate": False,
    "is_read_only": False,
}


def show_plan(row: PlanRow) -> dict[str, Any]:
    """A plan."""
    return {
        "object": "plan",
        **_offer(row.id, row.name, row),
        "trial_days": row.trial_days,
        "created_at": format_instant(row.created_at),
    }


def _offer(plan_id: str, name: str, row: PlanRow | Subscription) -> dict[str, Any]:
    return {
        "id": plan_id,
        "name": name,
        "currency": row.currency,
        "base_amount": row.base_amount,
        "sale_amount": f"{row.sale_amount.normalize():f}",
    }


def page_of_plans(uow: UnitOfWork, page: Mapping[str, Any]) -> dict[str, Any]:
    """Plans, newest first."""
    rows, has_more = rows_of_page(uow, queries.plans(uow), PlanRow.id, page)
    return list_answer([show_plan(row) for row in rows], has_more=has_more)


def show_billing(uow: UnitOfWork) -> dict[str, Any]:
    """What a district pays the operator, and how that stands; nothing where it has no plan."""
    row = queries.subscription(uow)
    standing = _NOTHING if row is None else _show_standing(row)
    return {"object": "billing", **standing, "invoices": [_show_invoice(one) for one in queries.invoices(uow)]}


def _show_standing(row: Subscription) -> dict[str, Any]:
    return {
        "status": row.status,
        "plan": _offer(row.plan_id, row.plan_name, row),
        "trial_ends_at": _instant(row.trial_ends_at),
        "period_ends_at": _instant(row.period_ends_at),
        "has_mandate": row.has_mandate,
        "retry_at": _instant(row.retry_at),
        "is_read_only": row.status in READ_ONLY,
    }


def _instant(moment: datetime | None) -> str | None:
    return format_instant(moment) if moment else None


def _show_invoice(row: BillingInvoice) -> dict[str, Any]:
    return {
        "number": row.number,
        "status": row.status,
        "currency": row.currency,
        "amount": row.amount,
        "paid_amount": row.paid_amount,
        "page": row.page,
        "issued_at": format_instant(row.issued_at),
    }

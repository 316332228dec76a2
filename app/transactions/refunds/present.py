"""How refunds are shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.foundation.clock import format_instant
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.pagination import list_answer, page_of_found
from app.foundation.tenancy import Principal
from app.members import queries as members
from app.points.purses import queries as points
from app.transactions import configuration
from app.transactions.refunds import queries
from app.transactions.refunds.rules import Refund


def show_refund(
    refund: Refund, principal: Principal, *, currency: str, balance: dict[str, int] | None
) -> dict[str, Any]:
    """A refund as the API shows it to a principal."""
    is_buyer_told = not refund.by_coupon or principal.merchant_id is None
    return {
        "object": "refund",
        "id": refund.id,
        "transaction_id": refund.transaction_id,
        "merchant_id": refund.merchant_id,
        "member_id": refund.member_id if is_buyer_told else None,
        "reference": refund.reference,
        "amount": refund.amount,
        "eligible_amount": refund.eligible_amount,
        "currency": currency,
        "money_amount": refund.money_amount,
        "discount_reversed": refund.discount_reversed,
        "points_reversed": refund.points_reversed,
        "points_reversed_by": {"merchant": refund.merchant_returned, "district": refund.district_returned},
        "points_owed": refund.points_owed,
        "points_forgiven": refund.points_forgiven,
        "points_restored": refund.points_restored,
        "reason": refund.reason,
        "items": refund.items or [],
        "balance": balance,
        "occurred_at": format_instant(refund.occurred_at),
        "recorded_at": format_instant(refund.recorded_at),
    }


def show_refund_rows(uow: UnitOfWork, rows: list[Refund]) -> list[dict[str, Any]]:
    """Refunds with today's balances, of the member of then or whom it has become part of."""
    currency = configuration.current(uow).directory.currency
    balances = points.ask_balances(uow, {row.member_id for row in rows if row.member_id}, lock=False)()
    readable = members.readable(uow, {one.member_id for one in balances.values()})

    def show(row: Refund) -> dict[str, Any]:
        if row.member_id is None:
            return show_refund(row, uow.principal, currency=currency, balance=None)
        balance = balances[row.member_id]
        is_told = balance.member_id in readable and not (row.by_coupon and uow.principal.merchant_id)
        shown = replace(row, member_id=balance.member_id)
        return show_refund(shown, uow.principal, currency=currency, balance=balance.as_figures() if is_told else None)

    return list(map(show, rows))


def page_of_refunds(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the refunds that the principal may see, newest first; `query` as REFUNDS checks it."""
    rows, has_more = page_of_found(query, lambda limit: queries.listed(uow, query, limit))
    return list_answer(show_refund_rows(uow, rows), has_more=has_more)


def show_refunds(uow: UnitOfWork, member_id: str) -> list[dict[str, Any]]:
    """All refunds on sales to a member, newest first."""
    return show_refund_rows(uow, queries.listed(uow, {"member_id": member_id}, None))

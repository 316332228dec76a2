"""How sales are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import get_locale

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.foundation.pagination import list_answer, page_of_found
from app.foundation.runtime import runtime
from app.foundation.tenancy import Principal
from app.members import queries as members
from app.points.earning.outcomes import Outcomes
from app.points.purses import queries as points
from app.transactions import configuration
from app.transactions.configuration import Configuration
from app.transactions.sales import claims, queries
from app.transactions.sales.record import CouponUsed, Record


def show_sale(
    record: Record,
    *,
    balance: dict[str, int] | None,
    explanation: list[dict[str, Any]],
    claim_url: str | None = None,
    is_buyer_told: bool = True,
) -> dict[str, Any]:
    """A sale as the API shows it; instants in UTC are left to `respond`, which writes them quicker."""
    earned = record.points_earned > 0
    body: dict[str, Any] = {
        "object": "transaction",
        "id": record.id,
        "reference": record.reference,
        "merchant_id": record.merchant_id,
        "store_id": record.store_id,
        "member_id": record.member_id if is_buyer_told else None,
        "amount": record.amount,
        "discount_amount": record.discount_amount,
        "points_spent": record.points_spent,
        "points_amount": record.points_amount,
        "paid_amount": record.paid_amount,
        "eligible_amount": record.eligible_amount,
        "refunded_amount": record.refunded_amount,
        "currency": record.currency,
        "status": record.status,
        "coupons": [_coupon_used(one) for one in record.coupons or ()],
        "points_earned": record.points_earned,
        "points_funded": {
            "merchant": record.merchant_funded,
            "district": record.points_earned - record.merchant_funded,
        },
        "available_at": record.available_at if earned else None,
        "expires_at": record.expires_at if earned else None,
        "balance": balance,
        "rule_set_version": record.rule_set_version,
        "explanation": explanation,
        "channel": record.channel,
        "payment_method": record.payment_method,
        "payment_reference": record.payment_reference,
        "items": record.items or [],
        "metadata": record.metadata or {},
        "claimed_at": record.claimed_at,
        "occurred_at": record.occurred_at,
        "recorded_at": record.recorded_at,
    }
    if claim_url is not None:
        body["claim_url"] = claim_url
    return body


def _coupon_used(used: CouponUsed) -> dict[str, Any]:
    _, campaign_id, code_hint, discount = used
    return {"code_hint": code_hint, "campaign_id": campaign_id, "discount_amount": discount}


class Presenter:
    """Shows sales to one caller. What many of them have in common is put together once.

    Whoever has the link on the receipt of a sale that is nobody's yet can take its points. So it is shown only to the key
    that reported the sale, and to one that reports it again by its `reference`; not to those that may merely read it.
    """

    def __init__(self, settings: Configuration, principal: Principal) -> None:
        self._settings = settings
        self._principal = principal
        self._language = str(get_locale())

    def __call__(self, record: Record, balance: dict[str, int] | None, reference: str | None = None) -> dict[str, Any]:
        by_it = hex_of(record.principal_id) == hex_of(self._principal.id)
        is_reporter = by_it or record.reference == reference
        claim_url = self._claim_url(record) if record.member_id is None and is_reporter else None
        is_told = balance is not None  # who may not read the balance doesn't read the member between the lines
        explain = self._settings.explainer(record.rule_set_version, self._language, is_told=is_told)
        is_buyer_told = not record.hides_buyer_from(self._principal)
        return show_sale(
            record,
            balance=balance,
            explanation=explain(record.outcomes or Outcomes()),
            claim_url=claim_url,
            is_buyer_told=is_buyer_told,
        )

    def _claim_url(self, record: Record) -> str | None:
        secret = claims.claim_secret(record)
        return secret and f"{runtime().settings.public_url}/s/{self._settings.directory.slug}/claim/{secret}"


def show_sale_rows(uow: UnitOfWork, rows: list[Record]) -> list[dict[str, Any]]:
    """Sales with today's balances, in one question for all of them."""
    settings = configuration.current(uow)
    told = {row.id: row.member_id for row in rows if row.member_id and not row.hides_buyer_from(uow.principal)}
    readable = members.readable(uow, set(told.values()))
    balances = points.ask_balances(uow, readable, lock=False)()
    show = Presenter(settings, uow.principal)
    figures = {sale: balances[buyer].as_figures() for sale, buyer in told.items() if buyer in readable}
    return [show(row, figures.get(row.id)) for row in rows]


def page_of_sales(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the sales that the principal may see, newest first; `query` as TRANSACTIONS checks it."""
    filters = {**query}
    if filters.get("member_id"):
        filters["member_id"] = members.survivor_of(uow, filters["member_id"])
    rows, has_more = page_of_found(query, lambda limit: queries.listed(uow, filters, limit))
    return list_answer(show_sale_rows(uow, rows), has_more=has_more)


def show_transaction(uow: UnitOfWork, transaction_id: str) -> dict[str, Any]:
    """A sale that the principal may see, as the API shows it. Raises NotFound."""
    return show_sale_rows(uow, [queries.find_sale(uow, transaction_id)])[0]


def show_transactions(uow: UnitOfWork, member_id: str) -> list[dict[str, Any]]:
    """All sales to a member, newest first."""
    return show_sale_rows(uow, queries.listed(uow, {"member_id": member_id}, None))

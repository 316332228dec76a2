"""How coupons are shown, to whom as much as may be."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import or_

from app.coupons.bill import codes
from app.coupons.campaigns.rules import Terms
from app.coupons.campaigns.words import worth_of
from app.coupons.issuing import code_index, queries
from app.coupons.issuing.claiming import GivenCoupon
from app.coupons.issuing.models import Coupon
from app.coupons.issuing.rules import VOID_WORDS, status_at
from app.foundation.clock import format_instant
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import said
from app.foundation.pagination import list_answer, rows_of_page
from app.foundation.tenancy import Principal


def show_coupons(uow: UnitOfWork, rows: list[Coupon]) -> list[dict[str, Any]]:
    """Coupons of a member, as the principal may see them."""
    campaigns = queries.campaigns_of(uow, rows)
    return [_shown(row, campaigns[row.campaign_id].terms, uow.principal, uow.now) for row in rows]


def export_coupons(uow: UnitOfWork, member_id: str) -> list[dict[str, Any]]:
    """All coupons that a member has had, oldest first, with what was written of them."""
    rows = list(uow.session.scalars(queries.of_member(uow, member_id).order_by(Coupon.id)))
    shown = show_coupons(uow, rows)
    return [{**one, "void_reason": void_words(row)} for one, row in zip(shown, rows, strict=True)]


def newest_coupons(uow: UnitOfWork, member_id: str, most: int) -> list[dict[str, Any]]:
    """The last that a member got, as far as the principal may see them."""
    query = queries.of_member(uow, member_id).order_by(Coupon.id.desc()).limit(most)
    return show_coupons(uow, list(uow.session.scalars(query)))


def page_of_issued(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the coupons that campaigns have issued, newest first, of a merchant its own campaigns'; `query` as ISSUED checks it."""
    found = queries.issued(uow, query.get("campaign_id"), query.get("status"))
    rows, has_more = rows_of_page(uow, found, Coupon.id, query)
    shown = show_coupons(uow, rows)
    return list_answer(
        [{**one, "code": None, "way": row.way} for one, row in zip(shown, rows, strict=True)], has_more=has_more
    )


def usable_coupons(uow: UnitOfWork, member_id: str, most: int) -> list[dict[str, Any]]:
    """A member's coupons that aren't over, those that end first before the others."""
    query = queries.usable(uow, member_id).limit(most)
    return show_coupons(uow, list(uow.session.scalars(query)))


def past_coupons(uow: UnitOfWork, member_id: str, most: int) -> list[dict[str, Any]]:
    """A member's coupons that were used, ended or were taken back, the last before the others."""
    past = or_(*(queries.is_now(uow, one) for one in ("redeemed", "expired", "voided")))
    query = queries.of_member(uow, member_id).where(past).order_by(Coupon.id.desc())
    return show_coupons(uow, list(uow.session.scalars(query.limit(most))))


def void_words(row: Coupon) -> str | None:
    """Why a coupon was taken back, as it was written or in the reader's language."""
    words = VOID_WORDS.get(row.void_reason or "")
    return row.void_reason if words is None else said(words)


def show_coupon(uow: UnitOfWork, row: Coupon) -> dict[str, Any]:
    """A coupon, as the principal may see it."""
    return show_coupons(uow, [row])[0]


def show_coupon_of_id(uow: UnitOfWork, coupon_id: str) -> dict[str, Any]:
    """The same by its id. Raises NotFound."""
    return show_coupon(uow, queries.find_coupon(uow, coupon_id))


def show_coupon_of_code(uow: UnitOfWork, row: Coupon) -> dict[str, Any]:
    """A coupon whose code somebody has shown: to a merchant that tells nothing of the member."""
    shown = show_coupon(uow, row)
    return shown if uow.principal.merchant_id is None else {**shown, "member_id": None}


def show_given(given: GivenCoupon, principal: Principal) -> dict[str, Any]:
    """A coupon that a principal has just been given."""
    return _shown(given.coupon, given.terms, principal, given.at)


def _shown(row: Coupon, terms: Terms, principal: Principal, now: datetime) -> dict[str, Any]:
    code = code_index.code_again(row.id, row.code_key)
    status = status_at(row.status, row.expires_at, row.reserved_until, now)
    until = row.reserved_until if status == "reserved" else None
    return {
        "object": "coupon",
        "id": row.id,
        "code": codes.shown(code) if code is not None and principal.merchant_id is None else None,
        "code_hint": "" if code is None else codes.hint_of(code),
        "campaign_id": row.campaign_id,
        "campaign_name": terms["name"],
        "kind": terms["kind"],
        "words": said(worth_of(terms)),
        "member_id": row.member_id,
        "status": status,
        "usable_from": format_instant(row.usable_from),
        "expires_at": format_instant(row.expires_at),
        "issued_at": format_instant(row.issued_at),
        "reserved_until": until and format_instant(until),
        "ended_at": row.ended_at and format_instant(row.ended_at),
    }

"""Reading what can be claimed now."""

from __future__ import annotations

from sqlalchemy import Select, cast, or_, select

from app.coupons.campaigns.models import Campaign, Instant
from app.foundation.database.unit_of_work import UnitOfWork


def offered(uow: UnitOfWork) -> Select[Campaign]:
    """Campaigns of which something can be claimed now, but for their stock."""
    terms, now = Campaign.terms, uow.now
    start, until = (cast(terms["claim_window"][end].astext, Instant) for end in ("from", "to"))
    last = cast(terms["validity"]["to"].astext, Instant)
    return select(Campaign).where(
        Campaign.district_id == uow.district_id,
        Campaign.published_at.is_not(None),
        Campaign.paused_at.is_(None),
        Campaign.ended_at.is_(None),
        terms["issuing"].contains(["claim"]),
        or_(start.is_(None), start <= now),
        or_(until.is_(None), until > now),
        or_(last.is_(None), last > now),
    )

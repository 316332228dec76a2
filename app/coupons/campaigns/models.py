"""Tables of campaigns."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import DateTime
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation.database.db import Base, PublicId

Instant = DateTime(timezone=True)


class Campaign(Base):
    """An offer of coupons; `merchant_id` is whose it is, None for the alliance's. `terms` as the API takes them."""

    __tablename__ = "campaigns"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("cam"), primary_key=True)
    merchant_id: Mapped[str | None] = mapped_column(PublicId("mer"))
    terms: Mapped[dict[str, Any]] = mapped_column(JSONB)
    published_at: Mapped[datetime | None] = mapped_column(Instant)
    paused_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)


class CampaignSlice(Base):
    """A part of what is counted of a published campaign: only their sum means something, see `slices.py`.

    Coupons `issued` (gross), `redeemed`, `expired`, `voided`, and minor units `set_aside` for coupons that may still be used
    and `discount_given`. `allotted`: coupons that may still be issued from this slice under stock and budget. `claimed`: of
    the local `day`, and `day_allotted` what may still be claimed from this slice on it.
    """

    __tablename__ = "campaign_slices"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    campaign_id: Mapped[str] = mapped_column(PublicId("cam"), primary_key=True)
    slice: Mapped[int] = mapped_column(primary_key=True)
    issued: Mapped[int]
    redeemed: Mapped[int]
    expired: Mapped[int]
    voided: Mapped[int]
    set_aside: Mapped[int]
    discount_given: Mapped[int]
    allotted: Mapped[int]
    day: Mapped[date]
    claimed: Mapped[int]
    day_allotted: Mapped[int]


class LaterEnd(Base):
    """Until when coupons of a campaign live that were issued from `issued_from` on, up to the next row's, by a change at
    `changed_at` that a job still writes to them. `alive_at`: when it last told that it goes on. See `ends.py`.
    """

    __tablename__ = "later_ends"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    campaign_id: Mapped[str] = mapped_column(PublicId("cam"), primary_key=True)
    issued_from: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    changed_at: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    alive_at: Mapped[datetime] = mapped_column(Instant)

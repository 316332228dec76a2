"""Tables of the tenant and its shops."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, DateTime, ForeignKey, ForeignKeyConstraint, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation.database.db import Base, PublicId

Instant = DateTime(timezone=True)


class District(Base):
    """A business district: the tenant. `revision` grows with every change of its configuration."""

    __tablename__ = "districts"

    id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    slug: Mapped[str] = mapped_column(Text, unique=True)
    currency: Mapped[str] = mapped_column(Text)
    time_zone: Mapped[str] = mapped_column(Text)
    mode: Mapped[str] = mapped_column(Text)
    brand_color: Mapped[str | None] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Instant)


class Merchant(Base):
    """A shop's company within the district. `redeems_apart`: it has redeemed a coupon before the sale was reported.

    `awards_until`, `accepts_until`: from when on its sales earn nothing, and it takes no points and coupons; None for never.
    """

    __tablename__ = "merchants"
    __table_args__ = (UniqueConstraint("district_id", "code"),)

    district_id: Mapped[str] = mapped_column(PublicId("dis"), ForeignKey("districts.id"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("mer"), primary_key=True)
    code: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    category: Mapped[str | None] = mapped_column(Text)
    redeems_apart: Mapped[bool] = mapped_column(default=False)
    awards_until: Mapped[datetime | None] = mapped_column(Instant)
    accepts_until: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)


class Store(Base):
    """A place where a merchant sells. A store never moves to another merchant. `opening_hours` as the API takes them."""

    __tablename__ = "stores"
    __table_args__ = (
        UniqueConstraint("district_id", "code"),
        ForeignKeyConstraint(["district_id", "merchant_id"], ["merchants.district_id", "merchants.id"]),
    )

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("str"), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(PublicId("mer"))
    code: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    zone: Mapped[str | None] = mapped_column(Text)
    area_m2: Mapped[int | None]
    opening_hours: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(Instant)


class ApiKey(Base):
    """A key of the district, of one merchant or of one store. Only hashes of its secrets are kept."""

    __tablename__ = "api_keys"
    __table_args__ = (
        UniqueConstraint("district_id", "secret_hash"),
        ForeignKeyConstraint(["district_id", "merchant_id"], ["merchants.district_id", "merchants.id"]),
        ForeignKeyConstraint(["district_id", "store_id"], ["stores.district_id", "stores.id"]),
    )

    district_id: Mapped[str] = mapped_column(PublicId("dis"), ForeignKey("districts.id"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("key"), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    merchant_id: Mapped[str | None] = mapped_column(PublicId("mer"))
    store_id: Mapped[str | None] = mapped_column(PublicId("str"))
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    secret_hash: Mapped[bytes]
    secret_hint: Mapped[str] = mapped_column(Text)
    previous_hash: Mapped[bytes | None]
    previous_until: Mapped[datetime | None] = mapped_column(Instant)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)

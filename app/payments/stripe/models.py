"""Tables of the district's account at Stripe, and of what Stripe has told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation.database.db import Base, PublicId

Instant = DateTime(timezone=True)


class ProviderAccount(Base):
    """A district's account at a provider; its secrets are sealed. `hint`: the end of its key, to tell it from others."""

    __tablename__ = "provider_accounts"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    provider: Mapped[str] = mapped_column(Text, primary_key=True)
    account: Mapped[str] = mapped_column(Text)
    secret_key: Mapped[bytes]
    webhook_secret: Mapped[bytes]
    previous_webhook_secret: Mapped[bytes | None]
    hint: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(Instant)


class ProviderEventRow(Base):
    """An event as it was told, once; what it is about is fetched. `look_at`: when it is looked at next, None once it is done."""

    __tablename__ = "provider_events"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    account: Mapped[str] = mapped_column(Text, primary_key=True)
    event_id: Mapped[str] = mapped_column(Text, primary_key=True)
    type: Mapped[str] = mapped_column(Text)
    object_id: Mapped[str] = mapped_column(Text)
    looks: Mapped[int]
    look_at: Mapped[datetime | None] = mapped_column(Instant)
    received_at: Mapped[datetime] = mapped_column(Instant)

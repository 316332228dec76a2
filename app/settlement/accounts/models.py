"""Tables of this wing."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, DateTime, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation.database.db import Base, PublicId

Instant = DateTime(timezone=True)


class SettlementAccount(Base):
    """How a merchant is billed. `bank_details` are sealed; `deposit` is what stands on its deposit's account, in minor units.

    `credit_state`: how much of the limit was used when that was last looked at; `paused_at`: since when its sales earn nothing.
    Whoever changed the details last, and who approved that; until then, and for 48 hours, nothing is paid out.
    """

    __tablename__ = "settlement_accounts"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(PublicId("mer"), primary_key=True)
    provider: Mapped[str] = mapped_column(Text, default="manual")
    credit_limit: Mapped[int | None]
    beyond_limit: Mapped[str] = mapped_column(Text, default="warn")
    credit_state: Mapped[str] = mapped_column(Text, default="within")
    paused_at: Mapped[datetime | None] = mapped_column(Instant)
    deposit: Mapped[int] = mapped_column(default=0)
    bank_details: Mapped[bytes | None]
    bank_changed_by: Mapped[str | None] = mapped_column(PublicId("key"))
    bank_changed_at: Mapped[datetime | None] = mapped_column(Instant)
    bank_approved_by: Mapped[str | None] = mapped_column(PublicId("key"))
    bank_approved_at: Mapped[datetime | None] = mapped_column(Instant)


class MerchantExit(Base):
    """A merchant that leaves. `…_until` are the ends of those local days, the last one that of refunds, by the terms.

    `ended_at`: its balance came to 0, also as `written_off`; `taken_period_id`: up to which period the district took over the rest.
    """

    __tablename__ = "merchant_exits"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(PublicId("mer"), primary_key=True)
    announced_at: Mapped[datetime] = mapped_column(Instant)
    last_award_on: Mapped[date] = mapped_column(Date)
    last_accept_on: Mapped[date] = mapped_column(Date)
    awards_until: Mapped[datetime] = mapped_column(Instant)
    accepts_until: Mapped[datetime] = mapped_column(Instant)
    refunds_until: Mapped[datetime] = mapped_column(Instant)
    final_statement_id: Mapped[str | None] = mapped_column(PublicId("stm"))
    written_off: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    taken_period_id: Mapped[str | None] = mapped_column(PublicId("per"))


class DepositMovement(Base):
    """What a deposit was increased or lessened by, as a journal of the same id."""

    __tablename__ = "deposit_movements"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("dep"), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(PublicId("mer"))
    kind: Mapped[str] = mapped_column(Text)
    amount: Mapped[int]
    deposit: Mapped[int]
    reference: Mapped[str | None] = mapped_column(Text)
    principal_id: Mapped[str] = mapped_column(PublicId("key"))
    recorded_at: Mapped[datetime] = mapped_column(Instant)

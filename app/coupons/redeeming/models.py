"""Tables of redemptions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation.database.db import Base, PublicId

Instant = DateTime(timezone=True)


class Redemption(Base):
    """A coupon on a bill of a merchant; without `transaction_id` the sale has not been reported yet.

    `member_id`: whose the coupon was. `amount` is the bill's, `discount_amount` what the coupon took off it, in minor
    units, `discount_returned` what refunds gave back of that; the three parts are the funders' of what is left.
    `taken`: how much of it from which line, as `[place, minor units]`; `items`: the lines of a bill that came before its
    sale, as the API takes them. `set_aside`: of the budget, when the coupon was used. `ended_at`: when it was undone, by a
    full refund or a roll-back. `body_print`: what tells a redemption by itself from another under its reference; None for
    those of a sale. `rollback_reason` is what somebody wrote of a roll-back, `review_reason` of a review.
    """

    __tablename__ = "redemptions"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("red"), primary_key=True)
    coupon_id: Mapped[str] = mapped_column(PublicId("cpn"))
    campaign_id: Mapped[str] = mapped_column(PublicId("cam"))
    member_id: Mapped[str | None] = mapped_column(PublicId("mem"))
    merchant_id: Mapped[str] = mapped_column(PublicId("mer"))
    store_id: Mapped[str] = mapped_column(PublicId("str"))
    reference: Mapped[str] = mapped_column(Text)
    transaction_id: Mapped[str | None] = mapped_column(PublicId("txn"))
    amount: Mapped[int]
    discount_amount: Mapped[int]
    discount_returned: Mapped[int]
    district_part: Mapped[int]
    merchant_part: Mapped[int]
    government_part: Mapped[int]
    taken: Mapped[list[list[int]]] = mapped_column(JSONB)
    items: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)
    set_aside: Mapped[int]
    state: Mapped[str] = mapped_column(Text)
    reasons: Mapped[list[str]] = mapped_column(JSONB)
    review_reason: Mapped[str | None] = mapped_column(Text)
    channel: Mapped[str | None] = mapped_column(Text)
    payment_reference: Mapped[str | None] = mapped_column(Text)
    rolled_back_reference: Mapped[str | None] = mapped_column(Text)
    rollback_reason: Mapped[str | None] = mapped_column(Text)
    body_print: Mapped[bytes | None]
    principal_id: Mapped[str] = mapped_column(PublicId("key"))
    redeemed_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)

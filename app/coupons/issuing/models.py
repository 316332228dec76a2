"""Tables of coupons."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, query_expression

from app.foundation.database.db import Base, PublicId

Instant = DateTime(timezone=True)


class Coupon(Base):
    """A coupon of a campaign; without a member it is the bearer's.

    Its code is made from its id by the signing key of number `code_key`; `code_index` finds it. `set_aside`: minor units of
    the budget that wait for it, 0 once it is over. `status` is what was last done with it: by the clock it may be expired, or
    no more reserved. `expires_at`: when it ends, also where a later end hasn't come to its row yet, which has
    `kept_end`; `queries.coupons` reads it.
    `ended_at`: when it was redeemed, expired or voided; `void_reason` is what somebody wrote of that, or a code of
    `rules.VOID_WORDS`.
    `given_back`: by a refund or a roll-back, which put off its end. `bound_at`: when one of a batch of codes became a member's.
    `issue_id`: the issue in which it was given to a member who was named or described.
    `points_returned_in`: the journal that gave back the points which it cost.
    """

    __tablename__ = "coupons"
    __table_args__ = (UniqueConstraint("district_id", "code_index"),)

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("cpn"), primary_key=True)
    campaign_id: Mapped[str] = mapped_column(PublicId("cam"))
    member_id: Mapped[str | None] = mapped_column(PublicId("mem"))
    code_key: Mapped[int]
    code_index: Mapped[bytes]
    status: Mapped[str] = mapped_column(Text)
    way: Mapped[str] = mapped_column(Text)
    issued_at: Mapped[datetime] = mapped_column(Instant)
    usable_from: Mapped[datetime] = mapped_column(Instant)
    kept_end: Mapped[datetime] = mapped_column("expires_at", Instant)
    expires_at: Mapped[datetime] = query_expression()
    set_aside: Mapped[int]
    reserved_by: Mapped[str | None] = mapped_column(PublicId("mer"))
    reserved_reference: Mapped[str | None] = mapped_column(Text)
    reserved_until: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    void_reason: Mapped[str | None] = mapped_column(Text)
    code_batch_id: Mapped[str | None] = mapped_column(PublicId("cbt"))
    bound_at: Mapped[datetime | None] = mapped_column(Instant)
    given_back: Mapped[bool] = mapped_column(default=False)
    issue_id: Mapped[str | None] = mapped_column(PublicId("iss"))
    points_returned_in: Mapped[str | None] = mapped_column(PublicId("cvd"))

"""Tables of read models."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import DateTime
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation.database.db import Base, PublicId


class ReadModels(Base):
    """Which version of read models a district has, and when they were last counted from the books."""

    __tablename__ = "read_models"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    version: Mapped[int]
    counted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class StoreHour(Base):
    """Sales of one store that occurred in one local hour, less what was refunded of them since; amounts in minor units.

    `sales` counts those not wholly refunded, `member_sales` and `member_net_amount` those of members. What nobody has
    claimed yet counts among members' sales from its claim on, in the hour in which it was sold. `coupon_bill_amount`: of the
    bills, before coupons and points, of `coupon_sales`. `points_earned` and `points_spent`: by these sales.
    """

    __tablename__ = "store_hours"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    store_id: Mapped[str] = mapped_column(PublicId("str"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    hour: Mapped[int] = mapped_column(primary_key=True)
    sales: Mapped[int]
    net_amount: Mapped[int]
    member_sales: Mapped[int]
    member_net_amount: Mapped[int]
    coupon_sales: Mapped[int]
    coupon_bill_amount: Mapped[int]
    discount_amount: Mapped[int]
    points_earned: Mapped[int]
    points_spent: Mapped[int]

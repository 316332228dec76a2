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


class _OfSales:
    """What is added up of sales."""

    sales: Mapped[int]
    net_amount: Mapped[int]
    member_sales: Mapped[int]
    member_net_amount: Mapped[int]
    coupon_sales: Mapped[int]
    coupon_bill_amount: Mapped[int]
    discount_amount: Mapped[int]
    points_earned: Mapped[int]
    points_spent: Mapped[int]
    coupons_redeemed: Mapped[int]


class StoreHour(_OfSales, Base):
    """Sales of one store that occurred in one local hour, less what was refunded of them since; amounts in minor units.

    `sales` counts those not wholly refunded, `member_sales` and `member_net_amount` those of members. What nobody has
    claimed yet counts among members' sales from its claim on, in the hour in which it was sold. `coupon_bill_amount`: of the
    bills, before coupons and points, of `coupon_sales`. `points_earned` and `points_spent`: by these sales; `coupons_redeemed` on them.
    """

    __tablename__ = "store_hours"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    store_id: Mapped[str] = mapped_column(PublicId("str"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    hour: Mapped[int] = mapped_column(primary_key=True)


class StoreDay(_OfSales, Base):
    """The same of a local day: of many stores' many days these are fewer rows."""

    __tablename__ = "store_days"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    store_id: Mapped[str] = mapped_column(PublicId("str"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)


class CampaignDay(Base):
    """A campaign's local day: coupons `issued` on it, `claimed` those of them that members took themselves, `redeemed` on it,
    `returned` those of them that came to nothing; and of the sales of that day to which its coupons came, less what was
    refunded of them since: how many, their bills before all discounts, what was paid, what its coupons took off.
    """

    __tablename__ = "campaign_days"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    campaign_id: Mapped[str] = mapped_column(PublicId("cam"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    issued: Mapped[int]
    claimed: Mapped[int]
    redeemed: Mapped[int]
    returned: Mapped[int]
    sales: Mapped[int]
    bill_amount: Mapped[int]
    net_amount: Mapped[int]
    discount_amount: Mapped[int]


class DistrictDay(Base):
    """What was recorded on a local day: members who joined, became part of others, and left; points given (above 0) and taken by
    hand, ended, and `points_change`: by how many points members held more when it was over.
    """

    __tablename__ = "district_days"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    enrolled: Mapped[int]
    merged: Mapped[int]
    erased: Mapped[int]
    points_adjusted: Mapped[int]
    points_expired: Mapped[int]
    points_change: Mapped[int]


class PointEnd(Base):
    """What members hold of points that end at an instant, `infinity` for those that never do."""

    __tablename__ = "point_ends"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    ends_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    points: Mapped[int]


class PointFlow(Base):
    """Points of one issuer (a merchant or the district) that another, or the same, accepted on a local day, by when that was
    recorded, less what went back then.
    """

    __tablename__ = "point_flows"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    issuer_id: Mapped[str] = mapped_column(PublicId("own"), primary_key=True)
    accepted_by: Mapped[str] = mapped_column(PublicId("own"), primary_key=True)
    points: Mapped[int]


class MemberFacts(Base):
    """A member's purchases that aren't wholly refunded, what they cost less refunds, and the local day of the last one."""

    __tablename__ = "member_facts"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    member_id: Mapped[str] = mapped_column(PublicId("mem"), primary_key=True)
    sales: Mapped[int]
    net_amount: Mapped[int]
    last_on: Mapped[date | None]

"""Tables of tills, of those who work at them, and of their shifts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, ForeignKeyConstraint, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation.database.db import Base, PublicId

Instant = DateTime(timezone=True)


class Till(Base):
    """A till of a store. `closes_at`: a time of day (HH:MM, the district's) at which shifts end.

    `ends_at`: when it ends with the key that let it be paired, in the district's time; all else here is in real time.
    `pairing_hash`: of the code by which a browser becomes this till until `pairing_ends_at`.
    """

    __tablename__ = "tills"
    __table_args__ = (ForeignKeyConstraint(["district_id", "store_id"], ["stores.district_id", "stores.id"]),)

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("til"), primary_key=True)
    store_id: Mapped[str] = mapped_column(PublicId("str"))
    name: Mapped[str] = mapped_column(Text)
    locks_after_minutes: Mapped[int]
    closes_at: Mapped[str | None] = mapped_column(Text)
    pairing_hash: Mapped[bytes | None]
    pairing_ends_at: Mapped[datetime | None] = mapped_column(Instant)
    pairing_is_for_tests: Mapped[bool] = mapped_column(default=False)
    pairing_maker_ends_at: Mapped[datetime | None] = mapped_column(Instant)
    ends_at: Mapped[datetime | None] = mapped_column(Instant)
    paired_at: Mapped[datetime | None] = mapped_column(Instant)
    seen_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)


class TillToken(Base):
    """A token of a till, hashed. The first use of one sets `ends_at` of that which it replaces."""

    __tablename__ = "till_tokens"
    __table_args__ = (ForeignKeyConstraint(["district_id", "till_id"], ["tills.district_id", "tills.id"]),)

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    till_id: Mapped[str] = mapped_column(PublicId("til"))
    replaces: Mapped[bytes | None]
    issued_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
    ends_at: Mapped[datetime | None] = mapped_column(Instant)


class Cashier(Base):
    """Who opens the tills of a store by PIN. `name` is what colleagues say, and gone once they have left."""

    __tablename__ = "cashiers"
    __table_args__ = (ForeignKeyConstraint(["district_id", "store_id"], ["stores.district_id", "stores.id"]),)

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("csh"), primary_key=True)
    store_id: Mapped[str] = mapped_column(PublicId("str"))
    name: Mapped[str] = mapped_column(Text)
    pin_hash: Mapped[str] = mapped_column(Text)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)


class PinTries(Base):
    """How often in a row a cashier's PIN was wrong at a till, and until when it isn't looked at there."""

    __tablename__ = "pin_tries"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    till_id: Mapped[str] = mapped_column(PublicId("til"), primary_key=True)
    cashier_id: Mapped[str] = mapped_column(PublicId("csh"), primary_key=True)
    wrong: Mapped[int]
    locked_until: Mapped[datetime | None] = mapped_column(Instant)


class TillShift(Base):
    """A cashier at an open till, until `ends_at` at the latest. `used_at`: when it last worked, to half a minute."""

    __tablename__ = "shifts"
    __table_args__ = (ForeignKeyConstraint(["district_id", "till_id"], ["tills.district_id", "tills.id"]),)

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("shf"), primary_key=True)
    till_id: Mapped[str] = mapped_column(PublicId("til"))
    cashier_id: Mapped[str] = mapped_column(PublicId("csh"))
    opened_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)

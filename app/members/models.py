"""Tables of members. Personal fields are sealed and bound to the member's id."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, ForeignKeyConstraint, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation.database.db import Base, PublicId

Instant = DateTime(timezone=True)


class Member(Base):
    """A person's membership in a district. Who `returned` within a year of leaving is nobody's first customer.

    `birthday_changed_at`: since when the birthday rests, see `rules.birthday_rests_until`. `proved_at`: when somebody last
    proved to be the member, by the phone or a code of it, to the day; None for never. `written_by`: the merchant whose key
    wrote name and birthday, until somebody else does. `gone_at`: when it became part of another, or left.
    """

    __tablename__ = "members"
    __table_args__ = (UniqueConstraint("district_id", "number"),)

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("mem"), primary_key=True)
    number: Mapped[str] = mapped_column(Text)
    phone: Mapped[bytes | None]
    name: Mapped[bytes | None]
    birthday: Mapped[bytes | None]
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text))
    status: Mapped[str] = mapped_column(Text, default="active")
    merged_into: Mapped[str | None] = mapped_column(PublicId("mem"))
    returned: Mapped[bool] = mapped_column(default=False)
    birthday_changed_at: Mapped[datetime | None] = mapped_column(Instant)
    proved_at: Mapped[datetime | None] = mapped_column(Instant)
    written_by: Mapped[str | None] = mapped_column(PublicId("mer"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    gone_at: Mapped[datetime | None] = mapped_column(Instant)

    @property
    def is_gone(self) -> bool:
        """Whether it has become part of another, or has left."""
        return self.status in ("merged", "erased")


class MemberIdentity(Base):
    """A way to find a member: a blind index of a phone or of an id elsewhere. One row for each index key."""

    __tablename__ = "member_identities"
    __table_args__ = (ForeignKeyConstraint(["district_id", "member_id"], ["members.district_id", "members.id"]),)

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    value_index: Mapped[bytes] = mapped_column(primary_key=True)
    key_version: Mapped[int]
    member_id: Mapped[str] = mapped_column(PublicId("mem"))
    value: Mapped[bytes | None]
    recorded_at: Mapped[datetime] = mapped_column(Instant)


class MerchantMembership(Base):
    """A member's membership at one merchant: a controller of its own.

    `proved_at`: when the member itself showed that it deals with this merchant; None while only the merchant says so.
    """

    __tablename__ = "merchant_memberships"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    member_id: Mapped[str] = mapped_column(PublicId("mem"), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(PublicId("mer"), primary_key=True)
    since: Mapped[datetime] = mapped_column(Instant)
    way: Mapped[str] = mapped_column(Text)
    proved_at: Mapped[datetime | None] = mapped_column(Instant)


class PhoneTrace(Base):
    """A keyed trace of a phone that its member has lost or left with, kept for a year, with what a member who left owed.

    Traces of one member share its `debt_id`, which leads nowhere else: the debt is owed once.
    """

    __tablename__ = "phone_traces"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    trace: Mapped[bytes] = mapped_column(primary_key=True)
    left_at: Mapped[datetime] = mapped_column(Instant)
    owed: Mapped[int]
    debt_id: Mapped[str | None] = mapped_column(PublicId("dbt"))


class Consent(Base):
    """A consent given or withdrawn, to the district or to one merchant. Only ever added."""

    __tablename__ = "consents"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("con"), primary_key=True)
    member_id: Mapped[str] = mapped_column(PublicId("mem"))
    controller: Mapped[str] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(Text)
    version: Mapped[str] = mapped_column(Text)
    granted: Mapped[bool]
    way: Mapped[str] = mapped_column(Text)
    principal_id: Mapped[str] = mapped_column(PublicId("key"))
    recorded_at: Mapped[datetime] = mapped_column(Instant)


class MemberCodeKey(Base):
    """A key from which a member's phone makes codes, sealed. It ends with its session, which may be to come."""

    __tablename__ = "member_code_keys"
    __table_args__ = (ForeignKeyConstraint(["district_id", "member_id"], ["members.district_id", "members.id"]),)

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    member_id: Mapped[str] = mapped_column(PublicId("mem"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[str | None] = mapped_column(PublicId("ses"))
    secret: Mapped[bytes]
    started_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime] = mapped_column(Instant)


class MemberCodeUse(Base):
    """A member's code of one minute has proved presence: it does so once. No store where none was named."""

    __tablename__ = "member_code_uses"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    member_id: Mapped[str] = mapped_column(PublicId("mem"), primary_key=True)
    step: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    store_id: Mapped[str | None] = mapped_column(PublicId("str"))
    used_at: Mapped[datetime] = mapped_column(Instant)


class PresenceTokenUse(Base):
    """A presence token has proved presence at a store: each is told by its end, and does so once."""

    __tablename__ = "presence_token_uses"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    member_id: Mapped[str] = mapped_column(PublicId("mem"), primary_key=True)
    store_id: Mapped[str] = mapped_column(PublicId("str"), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    used_at: Mapped[datetime] = mapped_column(Instant)

"""Tables of sign-in."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, DateTime, ForeignKeyConstraint, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation.database.db import Base, PublicId

Instant = DateTime(timezone=True)


class ChallengeRow(Base):
    """A code that was asked for. The code is nowhere kept: it is made again from the id.

    `send_at`: when to send it. `asked_from`: a keyed print of the network whence it was asked for.
    """

    __tablename__ = "sign_in_challenges"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("chl"), primary_key=True)
    phone: Mapped[bytes]
    wrong_tries: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
    sends: Mapped[int]
    send_at: Mapped[datetime | None] = mapped_column(Instant)
    asked_from: Mapped[bytes]


class SignInSession(Base):
    """A member's sign-in on one phone: the family of its refresh tokens.

    `device`: a hint of what signed in. `proven_at`: when it last gave a code to the member's number.
    """

    __tablename__ = "sessions"
    __table_args__ = (ForeignKeyConstraint(["district_id", "member_id"], ["members.district_id", "members.id"]),)

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("ses"), primary_key=True)
    member_id: Mapped[str] = mapped_column(PublicId("mem"))
    started_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_by: Mapped[str | None] = mapped_column(Text)
    device: Mapped[str] = mapped_column(Text)
    proven_at: Mapped[datetime] = mapped_column(Instant)


class SessionToken(Base):
    """A refresh token of a session, hashed; all but the newest are used."""

    __tablename__ = "session_tokens"
    __table_args__ = (ForeignKeyConstraint(["district_id", "session_id"], ["sessions.district_id", "sessions.id"]),)

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    session_id: Mapped[str] = mapped_column(PublicId("ses"))
    issued_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class PhoneChange(Base):
    """A change of a member's phone that waits until `due_at`, since the old number is lost. The new one is sealed."""

    __tablename__ = "phone_changes"
    __table_args__ = (ForeignKeyConstraint(["district_id", "member_id"], ["members.district_id", "members.id"]),)

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    member_id: Mapped[str] = mapped_column(PublicId("mem"), primary_key=True)
    session_id: Mapped[str] = mapped_column(PublicId("ses"))
    phone: Mapped[bytes]
    asked_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime] = mapped_column(Instant)


class PhoneNotice(Base):
    """A message to a number, sealed, that it ceases to be its member's on a local day. `send_at`: when to send it."""

    __tablename__ = "phone_notices"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("ntc"), primary_key=True)
    phone: Mapped[bytes]
    changes_on: Mapped[date] = mapped_column(Date)
    created_at: Mapped[datetime] = mapped_column(Instant)
    sends: Mapped[int]
    send_at: Mapped[datetime] = mapped_column(Instant)

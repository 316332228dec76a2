"""Tables of staff. Those of accounts hold rows of the operator's district alone; roles and invitations are a district's."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation.database.db import Base, PublicId

Instant = DateTime(timezone=True)


class StaffAccount(Base):
    """One person, whatever it works for. `login` is sealed; it is found by the blind indexes of `staff_logins`.

    `totp_next_secret`: one that its owner has not yet confirmed. `totp_step`: that of the last code that was used.
    """

    __tablename__ = "staff_accounts"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("acc"), primary_key=True)
    login_kind: Mapped[str] = mapped_column(Text)
    login: Mapped[bytes]
    password_hash: Mapped[str | None] = mapped_column(Text)
    totp_secret: Mapped[bytes | None]
    totp_next_secret: Mapped[bytes | None]
    totp_step: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(Instant)


class Login(Base):
    """A way to find an account: one row for each index key."""

    __tablename__ = "staff_logins"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    value_index: Mapped[bytes] = mapped_column(primary_key=True)
    key_version: Mapped[int]
    account_id: Mapped[str] = mapped_column(PublicId("acc"))


class Passkey(Base):
    """A public key of WebAuthn."""

    __tablename__ = "staff_passkeys"
    __table_args__ = (UniqueConstraint("district_id", "credential_id"),)

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("pky"), primary_key=True)
    account_id: Mapped[str] = mapped_column(PublicId("acc"))
    name: Mapped[str] = mapped_column(Text)
    credential_id: Mapped[bytes]
    public_key: Mapped[bytes]
    sign_count: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class RecoveryCode(Base):
    """A code on paper that stands once for the second factor."""

    __tablename__ = "staff_recovery_codes"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    account_id: Mapped[str] = mapped_column(PublicId("acc"), primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(primary_key=True)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class AccountNotice(Base):
    """What was done to an account by somebody else: its owner is told, until it says that it has seen it."""

    __tablename__ = "staff_notices"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("ntc"), primary_key=True)
    account_id: Mapped[str] = mapped_column(PublicId("acc"))
    kind: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime | None] = mapped_column(Instant)


class StaffSession(Base):
    """A sign-in on one device; it waits for the second factor first, where there is one.

    `role_version`: that of the role in the chosen district when it was chosen; another ends the session. `is_strong`:
    whether a second factor was given. `challenge`: of WebAuthn, until it is answered. `proven_at`: when the password, or a
    code to the phone, was given last.
    """

    __tablename__ = "staff_sessions"
    __table_args__ = (UniqueConstraint("district_id", "token_hash"),)

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("sts"), primary_key=True)
    account_id: Mapped[str] = mapped_column(PublicId("acc"))
    stage: Mapped[str] = mapped_column(Text)
    token_hash: Mapped[bytes]
    chosen_district: Mapped[str | None] = mapped_column(PublicId("dis"))
    role_version: Mapped[int | None] = mapped_column(BigInteger)
    is_strong: Mapped[bool]
    challenge: Mapped[bytes | None]
    wrong_tries: Mapped[int] = mapped_column(default=0)
    device: Mapped[str] = mapped_column(Text)
    started_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime] = mapped_column(Instant)
    proven_at: Mapped[datetime | None] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_by: Mapped[str | None] = mapped_column(Text)


class StaffMember(Base):
    """An account's role in a district. Name and login's hint are sealed; the row stays when the role has gone.

    `version` grows with each change of the role: sessions hold on to the one that they began with.
    """

    __tablename__ = "staff_members"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    account_id: Mapped[str] = mapped_column(PublicId("acc"), primary_key=True)
    name: Mapped[bytes]
    login_hint: Mapped[bytes]
    role: Mapped[str] = mapped_column(Text)
    merchant_id: Mapped[str | None] = mapped_column(PublicId("mer"))
    store_id: Mapped[str | None] = mapped_column(PublicId("str"))
    version: Mapped[int] = mapped_column(BigInteger, default=1)
    since: Mapped[datetime] = mapped_column(Instant)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)


class Invitation(Base):
    """A link by which somebody takes a role in a district, once and within three days. Name and login are sealed."""

    __tablename__ = "staff_invitations"
    __table_args__ = (UniqueConstraint("district_id", "secret_hash"),)

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("inv"), primary_key=True)
    secret_hash: Mapped[bytes]
    name: Mapped[bytes]
    login_kind: Mapped[str] = mapped_column(Text)
    login: Mapped[bytes]
    role: Mapped[str] = mapped_column(Text)
    merchant_id: Mapped[str | None] = mapped_column(PublicId("mer"))
    store_id: Mapped[str | None] = mapped_column(PublicId("str"))
    invited_by: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
    account_id: Mapped[str | None] = mapped_column(PublicId("acc"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)


class StaffLetter(Base):
    """A letter that waits to leave: to whom, what about, and with which link, sealed as one. It is written in SQL."""

    __tablename__ = "staff_letters"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("ltr"), primary_key=True)
    sealed: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(Instant)
    sends: Mapped[int] = mapped_column(default=0)
    send_at: Mapped[datetime] = mapped_column(Instant)

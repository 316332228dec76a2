"""Reading of this room, locks included."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import Select, select

from app.foundation.database.everywhere import ask_everywhere
from app.foundation.database.sql_arrays import bytes_array
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.foundation.keyring import digest_of
from app.foundation.problems import NotFound
from app.foundation.runtime import keyring
from app.foundation.tenancy import OPERATOR_DISTRICT
from app.staff.accounts.logins import KnownAs
from app.staff.models import (
    AccountNotice,
    Invitation,
    Login,
    Passkey,
    RecoveryCode,
    StaffAccount,
    StaffMember,
    StaffSession,
)


def account_of_login(uow: UnitOfWork, login: KnownAs) -> StaffAccount | None:
    """The account that is known by a login, under any key of the blind index."""
    found = list(keyring().indexes(OPERATOR_DISTRICT, login.kind, login.value).values())
    rows = uow.rows(
        "SELECT account_id FROM staff_logins WHERE district_id = %s AND kind = %s AND value_index = ANY(%s::bytea[]) LIMIT 1",
        (hex_of(uow.district_id), login.kind, bytes_array(found)),
    )
    return find_account(uow, f"acc_{rows[0][0]}") if rows else None


def find_account(uow: UnitOfWork, account_id: str, *, lock: bool = False) -> StaffAccount:
    """Raises NotFound. Whoever changes an account, its factors or its sessions, locks it first."""
    query = select(StaffAccount).where(StaffAccount.district_id == uow.district_id, StaffAccount.id == account_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = uow.session.scalars(query).one_or_none()
    if row is None:
        raise NotFound
    return row


def indexes_of(uow: UnitOfWork, account_id: str) -> list[Login]:
    """The rows by which an account is found."""
    query = select(Login).where(Login.district_id == uow.district_id, Login.account_id == account_id)
    return list(uow.session.scalars(query))


def passkeys_of(uow: UnitOfWork, account_id: str) -> list[Passkey]:
    """An account's passkeys, the oldest first."""
    query = select(Passkey).where(Passkey.district_id == uow.district_id, Passkey.account_id == account_id)
    return list(uow.session.scalars(query.order_by(Passkey.id)))


def recovery_codes_left(uow: UnitOfWork, account_id: str) -> int:
    """How many codes on paper aren't used yet."""
    query = "SELECT count(*) FROM staff_recovery_codes WHERE district_id = %s AND account_id = %s AND used_at IS NULL"
    [(count,)] = uow.rows(query, (hex_of(uow.district_id), hex_of(account_id)))
    return int(count)


def recovery_code(uow: UnitOfWork, account_id: str, code: str) -> RecoveryCode | None:
    """A code on paper that isn't used yet."""
    query = select(RecoveryCode).where(
        RecoveryCode.district_id == uow.district_id,
        RecoveryCode.account_id == account_id,
        RecoveryCode.code_hash == digest_of(code),
        RecoveryCode.used_at.is_(None),
    )
    return uow.session.scalars(query).one_or_none()


def notices_of(uow: UnitOfWork, account_id: str) -> list[AccountNotice]:
    """What an account's owner has not yet seen, the newest first."""
    query = select(AccountNotice).where(
        AccountNotice.district_id == uow.district_id,
        AccountNotice.account_id == account_id,
        AccountNotice.seen_at.is_(None),
    )
    return list(uow.session.scalars(query.order_by(AccountNotice.id.desc())))


def open_sessions(uow: UnitOfWork, account_id: str) -> Select[StaffSession]:
    """An account's sessions that go on."""
    return select(StaffSession).where(
        StaffSession.district_id == uow.district_id,
        StaffSession.account_id == account_id,
        StaffSession.stage == "open",
        StaffSession.ended_at.is_(None),
        StaffSession.expires_at > uow.now,
    )


def find_session(uow: UnitOfWork, account_id: str, session_id: str) -> StaffSession:
    """One of an account's sessions that goes on, under lock. Raises NotFound."""
    query = open_sessions(uow, account_id).where(StaffSession.id == session_id).with_for_update()
    row = uow.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound
    return row


def session_of_token(uow: UnitOfWork, token_hash: bytes, *, stage: str, lock: bool = False) -> StaffSession | None:
    """The session of a token, if it goes on."""
    query = select(StaffSession).where(
        StaffSession.district_id == uow.district_id,
        StaffSession.token_hash == token_hash,
        StaffSession.stage == stage,
        StaffSession.ended_at.is_(None),
        StaffSession.expires_at > uow.now,
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return uow.session.scalars(query).one_or_none()


def session_row(uow: UnitOfWork, session_id: str) -> StaffSession:
    """A session, whatever its stage. Raises NotFound."""
    query = select(StaffSession).where(StaffSession.district_id == uow.district_id, StaffSession.id == session_id)
    row = uow.session.scalars(query.with_for_update()).one_or_none()
    if row is None:
        raise NotFound
    return row


class RoleHere(NamedTuple):
    """An account's role in the district of the unit of work, with the version of it."""

    role: str
    merchant_id: str | None
    store_id: str | None
    version: int


def role_of(uow: UnitOfWork, account_id: str) -> RoleHere | None:
    """The role that an account has in this district."""
    rows = uow.rows(
        "SELECT role, merchant_id, store_id, version FROM staff_members "
        "WHERE district_id = %s AND account_id = %s AND removed_at IS NULL",
        (hex_of(uow.district_id), hex_of(account_id)),
    )
    if not rows:
        return None
    role, merchant, store, version = rows[0]
    return RoleHere(role, merchant and f"mer_{merchant}", store and f"str_{store}", version)


def districts_of(account_id: str) -> list[str]:
    """The districts in which an account has a role, in the order in which they were made; the installation first."""
    query = "SELECT districts_of_account(%s, %s::uuid[])"
    rows = ask_everywhere(lambda uow, among: uow.rows(query, (hex_of(account_id), among)))
    found = {f"dis_{district}" for (district,) in rows}
    return sorted(found)


def staff(uow: UnitOfWork) -> Select[StaffMember]:
    """Those who work in this district, as far as the principal may see them."""
    query = select(StaffMember).where(StaffMember.district_id == uow.district_id, StaffMember.removed_at.is_(None))
    own = uow.principal.merchant_id
    return query.where(StaffMember.merchant_id == own) if own else query


def find_staff(uow: UnitOfWork, account_id: str, *, lock: bool = False) -> StaffMember:
    """Raises NotFound, also for somebody of another merchant."""
    query = staff(uow).where(StaffMember.account_id == account_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = uow.session.scalars(query).one_or_none()
    if row is None:
        raise NotFound
    return row


def staff_row(uow: UnitOfWork, account_id: str) -> StaffMember | None:
    """The row of somebody who works here, or has."""
    query = select(StaffMember).where(StaffMember.district_id == uow.district_id, StaffMember.account_id == account_id)
    return uow.session.scalars(query.with_for_update()).one_or_none()


def lock_holders(uow: UnitOfWork, roles: Collection[str]) -> set[str]:
    """Accounts with one of these roles here, under lock: of two who take the last ones away, one comes after the other."""
    query = (
        select(StaffMember)
        .where(
            StaffMember.district_id == uow.district_id,
            StaffMember.removed_at.is_(None),
            StaffMember.role.in_(roles),
        )
        .order_by(StaffMember.account_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.account_id for row in uow.session.scalars(query)}


def invitations(uow: UnitOfWork) -> Select[Invitation]:
    """Invitations that are open still, as far as the principal may see them."""
    query = select(Invitation).where(
        Invitation.district_id == uow.district_id,
        Invitation.used_at.is_(None),
        Invitation.withdrawn_at.is_(None),
        Invitation.expires_at > uow.real_now,
    )
    own = uow.principal.merchant_id
    return query.where(Invitation.merchant_id == own) if own else query


def find_invitation(uow: UnitOfWork, invitation_id: str) -> Invitation:
    """One that is open still, under lock. Raises NotFound."""
    row = uow.session.scalars(invitations(uow).where(Invitation.id == invitation_id).with_for_update()).one_or_none()
    if row is None:
        raise NotFound
    return row


def invitation_of(uow: UnitOfWork, secret_hash: bytes, *, lock: bool = False) -> Invitation | None:
    """The open invitation of a secret."""
    query = invitations(uow).where(Invitation.secret_hash == secret_hash)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return uow.session.scalars(query).one_or_none()

"""Verbs on accounts. Passwords are hashed and compared between units of work: that takes long, and few do it at once."""

from __future__ import annotations

import secrets
from functools import lru_cache
from typing import NamedTuple

from app.foundation.database.unit_of_work import UnitOfWork, unit_of_work
from app.foundation.ids import hex_of, new_id
from app.foundation.runtime import keyring
from app.foundation.tenancy import OPERATOR_DISTRICT, Origin, system_principal
from app.staff import queries
from app.staff.accounts import letters, throttle
from app.staff.accounts.logins import KnownAs
from app.staff.errors import LoginKnown
from app.staff.hashing import PASSWORDS
from app.staff.hashing_hand import Worker
from app.staff.models import AccountNotice, Login, StaffAccount

_FORGET_NOTICES = "UPDATE staff_notices SET seen_at = %s WHERE district_id = %s AND account_id = %s AND seen_at IS NULL"


class Trusted(NamedTuple):
    """An account whose password was given: right as long as its hash is this one."""

    account_id: str
    password_hash: str


@lru_cache(maxsize=1)
def _nobodys(worker: Worker) -> str:
    """Stands for the password of whom there isn't, so that looking takes as long."""
    return worker.hash(secrets.token_hex())


def try_password(login: KnownAs, password: str, origin: Origin | None) -> Trusted | None:
    """The account of a login whose password is right, or None. Counted, before it is looked at. Opens its own unit of work.

    All of it is done in turn: whoever is told to come again has cost next to nothing, and it counts as no try. Raises
    RateLimited, Busy.
    """
    with PASSWORDS.turn() as worker:
        throttle.take_try(login, origin)
        with unit_of_work(system_principal(OPERATOR_DISTRICT)) as uow:
            account = queries.account_of_login(uow, login)
            found = None if account is None else (account.id, account.password_hash)
        kept = found[1] if found else None
        is_right = worker.is_right(kept or _nobodys(worker), password)
    if not is_right or found is None or kept is None:
        throttle.count_wrong(login, origin)
        return None
    throttle.forgive(login, origin)
    return Trusted(found[0], kept)


def login_of(account: StaffAccount) -> KnownAs:
    """How an account is known."""
    return KnownAs(account.login_kind, keyring().open(account.login, bound_to=account.id))


def own(uow: UnitOfWork) -> StaffAccount:
    """The account of whoever acts, under lock."""
    return queries.find_account(uow, uow.principal.id, lock=True)


def create_account(uow: UnitOfWork, login: KnownAs, password_hash: str) -> StaffAccount:
    """Raises LoginKnown."""
    if queries.account_of_login(uow, login) is not None:
        raise LoginKnown
    account_id = new_id("acc")
    account = StaffAccount(
        district_id=uow.district_id,
        id=account_id,
        login_kind=login.kind,
        login=keyring().seal(login.value, bound_to=account_id),
        password_hash=password_hash,
        created_at=uow.now,
    )
    uow.session.add(account)
    uow.session.flush()
    index_login(uow, account_id, login)
    return account


def index_login(uow: UnitOfWork, account_id: str, login: KnownAs) -> None:
    """Lets an account be found by its login, under every key of the blind index."""
    for version, index in keyring().indexes(OPERATOR_DISTRICT, login.kind, login.value).items():
        row = Login(
            district_id=uow.district_id, kind=login.kind, value_index=index, key_version=version, account_id=account_id
        )
        uow.session.add(row)
    uow.session.flush()


def tell(uow: UnitOfWork, account: StaffAccount, kind: str, *, in_sandbox: bool = False) -> None:
    """Tells an account's owner what the principal has done to it: by a letter, and at the next sign-in.

    `in_sandbox`: the owner works in a sandbox, of which nothing leaves.
    """
    letters.add(uow, login_of(account), kind, is_sandbox=in_sandbox)
    notice = AccountNotice(
        district_id=uow.district_id,
        id=new_id("ntc"),
        account_id=account.id,
        kind=kind,
        actor_id=uow.principal.id,
        created_at=uow.now,
    )
    uow.session.add(notice)


def see_notices(uow: UnitOfWork, account_id: str) -> None:
    """The owner has seen what it was told."""
    uow.execute(_FORGET_NOTICES, (uow.now, hex_of(uow.district_id), hex_of(account_id)))

"""Accounts sealed and indexed anew under the newest keys."""

from __future__ import annotations

from sqlalchemy import select

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.keyring import SealBroken
from app.foundation.runtime import keyring
from app.staff import queries
from app.staff.accounts.services import index_login, login_of
from app.staff.models import StaffAccount


def refresh_keys(uow: UnitOfWork) -> tuple[int, list[str]]:
    """Seals what isn't under the newest key, and indexes logins under all of them; gives how many accounts had to be.

    Names the accounts that no key at hand opens.
    """
    changed, broken = 0, []
    for account in uow.session.scalars(select(StaffAccount).where(StaffAccount.district_id == uow.district_id)):
        try:
            changed += _refresh(uow, account)
        except SealBroken:
            broken.append(account.id)
    return changed, broken


def _refresh(uow: UnitOfWork, account: StaffAccount) -> bool:
    rows = queries.indexes_of(uow, account.id)
    sealed = [one for one in (account.login, account.totp_secret, account.totp_next_secret) if one is not None]
    is_current = all(map(keyring().seal_is_current, sealed))
    if is_current and {row.key_version for row in rows} == set(keyring().index_versions):
        return False
    login = login_of(account)
    account.login = keyring().seal(login.value, bound_to=account.id)
    for name in ("totp_secret", "totp_next_secret"):
        secret = getattr(account, name)
        if secret is not None:
            bound = f"{account.id}/totp"
            setattr(account, name, keyring().seal(keyring().open(secret, bound_to=bound), bound_to=bound))
    for row in rows:
        uow.session.delete(row)
    uow.session.flush()
    index_login(uow, account.id, login)
    return True

"""Who holds the token of a session of staff. One that is found is trusted for a few seconds, as a key is.

What somebody may do hangs on two rows in two places: the session, and the role in the district that it has chosen. A role
that has changed since ends the session; so a change of a role is one commit, in its district.
"""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import NamedTuple

from app.config import Settings
from app.foundation.database.unit_of_work import UnitOfWork, retrying, unit_of_work
from app.foundation.ids import hex_of
from app.foundation.keyring import digest_of
from app.foundation.tenancy import OPERATOR_DISTRICT, Principal, system_principal
from app.staff import queries
from app.staff.models import StaffSession
from app.staff.queries import RoleHere
from app.staff.roles import OPERATOR, ROLES
from app.staff.sessions import services as sessions

_MOST = 10_000
_ATTEMPTS = 3
IDLE, NOTED_AFTER = timedelta(minutes=30), timedelta(minutes=1)
_TOUCH = "UPDATE staff_sessions SET used_at = %s WHERE district_id = %s AND id = %s AND used_at < %s"
_HOME = system_principal(OPERATOR_DISTRICT)


class _Seen(NamedTuple):
    """What is to be known of a session, read in one place and judged in another."""

    id: str
    account_id: str
    chosen_district: str | None
    role_version: int | None
    is_strong: bool
    idle: timedelta
    proven: timedelta | None


class StaffAuthenticator:
    """Callable: the principal of a session's token, or Unauthorized. Safe for threads."""

    def __init__(self, settings: Settings) -> None:
        self._seconds = settings.key_cache_seconds
        self._known: dict[bytes, tuple[float, Principal]] = {}
        self._lock = threading.Lock()

    def __call__(self, token: str) -> Principal:
        digest = digest_of(token)
        known = self._known.get(digest)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        asked_at = time.monotonic()
        try:
            principal = retrying(_ATTEMPTS, lambda: _ask(digest))
        except BaseException:
            self._known.pop(digest, None)
            raise
        with self._lock:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[digest] = (asked_at + self._seconds, principal)
        return principal


def _ask(digest: bytes) -> Principal:
    """Who holds the token with a digest. Raises Unauthorized."""
    with unit_of_work(_HOME) as uow:
        session = queries.session_of_token(uow, digest, stage="open")
        seen = None if session is None else _seen(uow, session)
    if seen is None:
        raise sessions.over()
    here = _role_of(seen)
    is_watched = here is None or ROLES[here.role].is_watched
    if (seen.chosen_district and here is None) or (is_watched and seen.idle >= IDLE):
        with unit_of_work(_HOME) as uow:
            sessions.end_sessions(uow, seen.account_id, "idle" if here else "role-changed", only=seen.id)
        raise sessions.over()
    if seen.idle >= NOTED_AFTER:
        with unit_of_work(_HOME) as uow:
            uow.execute(_TOUCH, (uow.now, hex_of(uow.district_id), hex_of(seen.id), uow.now))
    return _principal(seen, here, digest)


def _seen(uow: UnitOfWork, session: StaffSession) -> _Seen:
    proven = None if session.proven_at is None else uow.now - session.proven_at
    return _Seen(
        session.id,
        session.account_id,
        session.chosen_district,
        session.role_version,
        session.is_strong,
        uow.now - session.used_at,
        proven,
    )


def _role_of(seen: _Seen) -> RoleHere | None:
    """The role in the chosen district; None where there is none, or another than when it was chosen."""
    if seen.chosen_district is None:
        return None
    with unit_of_work(system_principal(seen.chosen_district)) as uow:
        here = queries.role_of(uow, seen.account_id)
    return here if here is not None and here.version == seen.role_version else None


def _principal(seen: _Seen, here: RoleHere | None, digest: bytes) -> Principal:
    own = {"session_id": seen.id, "secret_hash": digest}
    if here is None or seen.chosen_district is None:
        return Principal("staff", seen.account_id, OPERATOR_DISTRICT, wants="district", **own)  # type: ignore[arg-type]
    role = ROLES[here.role]
    return Principal(
        "operator" if role.name == OPERATOR else "staff",
        seen.account_id,
        seen.chosen_district,
        here.merchant_id,
        here.store_id,
        role.scopes,
        wants="second-factor" if role.needs_second_factor and not seen.is_strong else "",
        **own,  # type: ignore[arg-type]
    )


def has_stepped_up(principal: Principal) -> bool:
    """Whether staff has given its password within the last minutes; asked of the database. Raises Unauthorized."""
    with unit_of_work(_HOME) as uow:
        session = queries.session_of_token(uow, principal.secret_hash, stage="open")
        seen = None if session is None else _seen(uow, session)
    if seen is None or (seen.chosen_district and _role_of(seen) is None):
        raise sessions.over()
    return seen.proven is not None and seen.proven < sessions.STEPPED_UP

"""Who comes with the cookie of a browser that has signed in. A session found open is trusted for a few seconds."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from functools import lru_cache

from app.foundation.database.unit_of_work import UnitOfWork, retrying, unit_of_work
from app.foundation.http.limits import strangers
from app.foundation.keyring import digest_of
from app.foundation.runtime import Runtime, runtime
from app.foundation.tenancy import Principal, system_principal
from app.signin import queries
from app.signin.sessions import services as sessions
from app.signin.sessions import tokens

_MOST = 10_000
_ATTEMPTS = 3
_EXTENDED_ONCE_IN = timedelta(days=1)


def member_of(token: str) -> Principal | None:
    """The member whose browser keeps a token, in the token's district; None where its session is over, or it is no token.

    Raises RateLimited where a network tries too many that open nothing.
    """
    district_id = tokens.district_of_browser_token(token)
    if district_id is None:
        return None
    strangers.check(token)
    found = _sessions(runtime()).find(token, district_id)
    if found is None:
        strangers.turned_away(token)
    else:
        strangers.came_in(token)
    return found


def extend_session(uow: UnitOfWork) -> None:
    """Lets the session of the member who is here last anew, once a day."""
    session = sessions.current(uow)
    if session.used_at <= uow.now - _EXTENDED_ONCE_IN:
        sessions.extend(uow, session)


@lru_cache(maxsize=4)
def _sessions(of: Runtime) -> _Sessions:
    return _Sessions(of.settings.key_cache_seconds)


class _Sessions:
    """Those that were found open a moment ago. Safe for threads."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._open: dict[bytes, tuple[float, Principal]] = {}
        self._lock = threading.Lock()

    def find(self, token: str, district_id: str) -> Principal | None:
        digest = digest_of(token)
        until, known = self._open.get(digest, (0.0, None))
        if until > time.monotonic():
            return known
        asked_at = time.monotonic()
        found, is_sandbox = retrying(_ATTEMPTS, lambda: _ask(digest, district_id))
        if found is not None and not is_sandbox:  # the time of a sandbox may jump past the session's end
            with self._lock:
                if len(self._open) >= _MOST:
                    self._open.clear()
                self._open[digest] = (asked_at + self._seconds, found)
        return found


def _ask(digest: bytes, district_id: str) -> tuple[Principal | None, bool]:
    with unit_of_work(system_principal(district_id)) as uow:
        found = queries.session_of(uow, digest)
        principal = found and Principal("member", found[1], district_id, session_id=found[0])
        return principal, uow.is_sandbox

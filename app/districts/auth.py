"""Who holds a bearer key. A key found is trusted for a few seconds, so that a busy till costs no look-up a sale."""

from __future__ import annotations

import threading
import time
from datetime import datetime

from app.config import Settings
from app.districts import queries, rules, services
from app.foundation.database.unit_of_work import retrying, unit_of_work
from app.foundation.keyring import digest_of
from app.foundation.problems import Unauthorized
from app.foundation.runtime import runtime
from app.foundation.tenancy import OPERATOR, Principal, system_principal

_MOST = 10_000
_ATTEMPTS = 3
Found = tuple[Principal, datetime | None] | None
"""Who holds a key, and until when."""


class Authenticator:
    """Callable: the principal of a secret, or Unauthorized. Safe for threads."""

    def __init__(self, settings: Settings) -> None:
        self._operator_key = settings.operator_key
        self._seconds = settings.key_cache_seconds
        self._known: dict[bytes, tuple[float, Principal, datetime | None]] = {}
        self._lock = threading.Lock()

    def __call__(self, secret: str) -> Principal:
        if services.is_operator(secret, self._operator_key):
            return OPERATOR
        digest = digest_of(secret)
        known = self._known.get(digest)
        if known is not None and known[0] > time.monotonic() and (known[2] is None or known[2] > runtime().clock()):
            return known[1]
        district_id = rules.district_of(secret)
        if district_id is None:
            raise Unauthorized(headers={"WWW-Authenticate": "Bearer"})
        return self._look_up(district_id, digest)

    def _look_up(self, district_id: str, digest: bytes) -> Principal:
        asked_at = time.monotonic()
        found, is_sandbox = retrying(_ATTEMPTS, lambda: _ask(district_id, digest))
        if found is None:
            self._known.pop(digest, None)
            raise Unauthorized(headers={"WWW-Authenticate": "Bearer"})
        principal, ends_at = found
        if is_sandbox and ends_at is not None:
            return principal  # its end comes when the test clock says so: ask each time
        with self._lock:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[digest] = (asked_at + self._seconds, principal, ends_at)
        return principal


def _ask(district_id: str, digest: bytes) -> tuple[Found, bool]:
    """Who holds the key with a digest, and whether its district is a sandbox."""
    with unit_of_work(system_principal(district_id)) as uow:
        return queries.principal_of(uow, digest), uow.is_sandbox

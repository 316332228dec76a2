"""Who holds a till's token, and whose shift is open there.

A token found is trusted for a few seconds, as a key is. A shift is asked for each time: a till that was locked is locked
at once, and what is done there is done by whoever opened it last.
"""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import timedelta

from app.config import Settings
from app.districts.rules import district_of
from app.foundation.database.unit_of_work import UnitOfWork, retrying, unit_of_work
from app.foundation.i18n import words as _l
from app.foundation.ids import hex_of
from app.foundation.keyring import digest_of
from app.foundation.problems import TillLocked, Unauthorized
from app.foundation.tenancy import Principal, system_principal
from app.staff.tills import pairing, queries, shifts
from app.staff.tills.queries import OpenShift, TillHolder
from app.staff.tills.rules import HEAD

SEEN_EVERY = timedelta(minutes=1)
"""How exactly it is known when a till was last there: a busy one writes no oftener."""
_MOST = 10_000
_ATTEMPTS = 3
_SEEN = "UPDATE tills SET seen_at = %(real_now)s WHERE district_id = %(district)s AND id = %(till)s"


class TillAuthenticator:
    """Callable: the principal of a till's token, or Unauthorized. Safe for threads."""

    def __init__(self, settings: Settings) -> None:
        self._seconds = settings.key_cache_seconds
        self._known: dict[bytes, tuple[float, Principal]] = {}
        self._lock = threading.Lock()

    def __call__(self, token: str) -> Principal:
        digest = digest_of(token)
        known = self._known.get(digest)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        district_id = district_of(token, HEAD)
        if district_id is None:
            raise _refusal()
        asked_at = time.monotonic()
        held = retrying(_ATTEMPTS, lambda: _ask(district_id, digest))
        if held is None:
            self._known.pop(digest, None)
            raise _refusal()
        if held.ends_at is None:  # of one that ends it is asked each time
            with self._lock:
                if len(self._known) >= _MOST:
                    self._known.clear()
                self._known[digest] = (asked_at + self._seconds, held.principal)
        return held.principal


def at_open_till(principal: Principal) -> Principal:
    """A till's principal with the shift that is open there, which works now. Raises TillLocked."""
    shift = retrying(_ATTEMPTS, lambda: _shift(principal))
    if shift is None:
        raise TillLocked
    return replace(principal, session_id=shift.id, cashier_id=shift.cashier_id)


def _ask(district_id: str, digest: bytes) -> TillHolder | None:
    with unit_of_work(system_principal(district_id)) as uow:
        held = queries.holder_of(uow, digest)
        if held is not None:
            _note(uow, held, digest)
        return held


def _note(uow: UnitOfWork, held: TillHolder, digest: bytes) -> None:
    """That a till is there, and uses a new token."""
    if held.is_new:
        pairing.use_token(uow, digest)
    if held.seen_at is None or held.seen_at + SEEN_EVERY <= uow.real_now:
        uow.write(_SEEN, {"till": hex_of(held.principal.id), "real_now": uow.real_now})


def _shift(principal: Principal) -> OpenShift | None:
    with unit_of_work(principal) as uow:
        return shifts.work(uow, principal.id)


def _refusal() -> Unauthorized:
    return Unauthorized(_l("This till has been revoked, or was never paired."), headers={"WWW-Authenticate": "Bearer"})

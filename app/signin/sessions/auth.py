"""Who holds a shopper's access token. A session found open is trusted for a few seconds, as a key is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from app.config import Settings
from app.foundation.database.unit_of_work import retrying, unit_of_work
from app.foundation.i18n import words as _l
from app.foundation.keyring import Keyring
from app.foundation.problems import Unauthorized
from app.foundation.tenancy import Principal, system_principal
from app.signin import queries
from app.signin.sessions import tokens

_MOST = 10_000
_ATTEMPTS = 3
Authenticate = Callable[[str], Principal]


class ShopperAuthenticator:
    """Callable: the principal of an access token, or Unauthorized. Safe for threads."""

    def __init__(self, settings: Settings, keyring: Keyring) -> None:
        self._keys = keyring.signing_secrets(tokens.PURPOSE)
        self._issuer = settings.public_url
        self._seconds = settings.key_cache_seconds
        self._open: dict[str, float] = {}
        self._lock = threading.Lock()

    def __call__(self, token: str) -> Principal:
        try:
            claims = tokens.read_access_token(self._keys, token, issuer=self._issuer)
        except tokens.NotAToken:
            raise _refusal() from None
        if self._open.get(claims.session_id, 0.0) <= time.monotonic():
            self._look_up(claims)
        return Principal("member", claims.member_id, claims.district_id, session_id=claims.session_id)

    def _look_up(self, claims: tokens.AccessClaims) -> None:
        asked_at = time.monotonic()
        is_good, is_sandbox = retrying(_ATTEMPTS, lambda: _ask(claims))
        if not is_good:
            raise _refusal()
        if is_sandbox:
            return  # its time may jump past the token's end: ask each time
        with self._lock:
            if len(self._open) >= _MOST:
                self._open.clear()
            self._open[claims.session_id] = asked_at + self._seconds


def _ask(claims: tokens.AccessClaims) -> tuple[bool, bool]:
    """Whether the session of a token is open and the token isn't over, and whether its district is a sandbox."""
    with unit_of_work(system_principal(claims.district_id)) as uow:
        is_over = claims.ends_at is not None and claims.ends_at <= uow.now
        return queries.is_open(uow, claims.session_id, claims.member_id) and not is_over, uow.is_sandbox


def either(keys: Authenticate, shoppers: Authenticate) -> Authenticate:
    """Takes keys and access tokens alike: a JWT has two dots, a key has none."""
    return lambda secret: shoppers(secret) if secret.count(".") == 2 else keys(secret)


def _refusal() -> Unauthorized:
    return Unauthorized(_l("This access token has ended, or is none."), headers={"WWW-Authenticate": "Bearer"})

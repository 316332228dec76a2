"""What a page has to know again at the next one, such as which code was asked for: sealed, in a cookie of some minutes."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

import orjson

from app.foundation.keyring import SealBroken
from app.foundation.runtime import keyring
from app.pages.doors import Visit
from app.pages.outcomes import Cookie, kept_cookie

_SECONDS = 600


def keep(visit: Visit, what: str, values: Mapping[str, str]) -> Cookie:
    """Hands values to the browser, which can't read them, nor use them elsewhere."""
    sealed = keyring().seal(orjson.dumps(values).decode(), bound_to=_bound_to(visit, what))
    return Cookie(_name(visit, what), base64.urlsafe_b64encode(sealed).decode(), _SECONDS)


def kept(visit: Visit, what: str) -> dict[str, str]:
    """What was handed over some minutes ago; nothing where there is none."""
    try:
        sealed = base64.urlsafe_b64decode(kept_cookie(_name(visit, what)))
        values: dict[str, str] = orjson.loads(keyring().open(sealed, bound_to=_bound_to(visit, what)))
    except (binascii.Error, ValueError, SealBroken):
        return {}
    return values


def forget(visit: Visit, what: str) -> Cookie:
    """Lets the browser forget it."""
    return Cookie(_name(visit, what), "", 0)


def _name(visit: Visit, what: str) -> str:
    return f"{what}-{visit.path['slug']}"


def _bound_to(visit: Visit, what: str) -> str:
    return f"{visit.principal.district_id}/{what}"

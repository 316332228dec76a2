"""Two who edit one thing: a form says what it was made from, and whoever comes second is told and loses nothing typed."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import orjson

from app.foundation.i18n import words as _l
from app.foundation.problems import Conflict
from app.pages.doors import Visit

SEEN = "seen"


def print_of(shown: Mapping[str, Any]) -> str:
    """Tells whether something is still as it was shown."""
    return blake2b(orjson.dumps(shown, option=orjson.OPT_SORT_KEYS), digest_size=9).hexdigest()


def check_seen(visit: Visit, now: Mapping[str, Any]) -> None:
    """Raises Conflict where somebody else has changed what a form was made from; sent again, it counts."""
    seen = visit.form.texts.get(SEEN, "")
    if seen and seen != print_of(now):
        raise Conflict(
            _l("Somebody else has changed this meanwhile. Nothing of yours is lost: look at it, and save again.")
        )

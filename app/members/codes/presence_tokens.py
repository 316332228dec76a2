"""Presence tokens: a few minutes ago this member showed a live code at this store.

A token says whom, where and until when, with a signature (HMAC-SHA-256, cut to 128 bits) that only this product makes
and that holds in one district. Nothing is stored: the same facts make the same token again.
"""

from __future__ import annotations

import hmac
import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from app.foundation.ids import hex_of
from app.foundation.keyring import Keyring
from app.foundation.runtime import keyring

LASTS = timedelta(minutes=10)
_TOKEN = re.compile(r"pt_([0-9a-f]{32})([0-9a-f]{32})([0-9a-f]{8})([a-z2-7]{26})")


class Presence(NamedTuple):
    """Who was where; the token is good before `expires_at`."""

    member_id: str
    store_id: str
    expires_at: datetime

    def is_good_at(self, instant: datetime) -> bool:
        """Whether an instant lies in the minutes for which the token was given, and a minute more before them."""
        return self.expires_at - LASTS - timedelta(minutes=1) <= instant < self.expires_at


def make_token(district_id: str, presence: Presence) -> str:
    """The token of a presence; its end is taken in whole seconds."""
    return token_of(keyring(), district_id, presence)


def token_of(keys: Keyring, district_id: str, presence: Presence) -> str:
    """The same under given keys, for who runs outside of an application."""
    facts = f"{hex_of(presence.member_id)}{hex_of(presence.store_id)}{int(presence.expires_at.timestamp()):08x}"
    return f"pt_{facts}{keys.derive('presence', district_id + facts)}"


def read_token(district_id: str, token: str) -> Presence | None:
    """What a token says; None for one that wasn't made here for this district."""
    found = _TOKEN.fullmatch(token)
    if found is None:
        return None
    member, store, end, signature = found.groups()
    signed = keyring().derive_all("presence", district_id + member + store + end)
    if not any(hmac.compare_digest(signature, one) for one in signed):
        return None
    return Presence(f"mem_{member}", f"str_{store}", datetime.fromtimestamp(int(end, 16), UTC))

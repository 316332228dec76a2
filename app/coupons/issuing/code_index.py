"""Codes of coupons: made again from the id under the key whose number stands with the coupon, found by an index of them.

So rotation of keys changes no code; a key that is taken out takes the codes with it that were made under it.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import NamedTuple

from app.coupons.bill import codes
from app.foundation.runtime import keyring

_INDEX_BYTES = 16


class Made(NamedTuple):
    """The code of a new coupon: the number of its key, and the index by which it is found."""

    key: int
    code_index: bytes


def make(district_id: str, coupon_id: str) -> Made:
    """What is kept of the code of a new coupon."""
    key, secret = next(iter(keyring().signing_secrets(codes.PURPOSE).items()))
    return Made(key, _index(district_id, codes.code_of(coupon_id, secret), secret))


def code_again(coupon_id: str, key: int) -> str | None:
    """The code of a coupon, without hyphens; None where its key was taken out."""
    secret = keyring().signing_secrets(codes.PURPOSE).get(key)
    return None if secret is None else codes.code_of(coupon_id, secret)


def indexes_of(district_id: str, text: str) -> list[bytes]:
    """The indexes that a code has under the keys in use. Raises CodeMistyped, before anything is looked up."""
    return indexes_of_read(district_id, codes.read_code(text))


def indexes_of_read(district_id: str, code: str) -> list[bytes]:
    """The same of a code as `read_code` reads it."""
    return [_index(district_id, code, secret) for secret in keyring().signing_secrets(codes.PURPOSE).values()]


def _index(district_id: str, code: str, secret: bytes) -> bytes:
    return hmac.digest(secret, f"index\0{district_id}\0{code}".encode(), hashlib.sha256)[:_INDEX_BYTES]

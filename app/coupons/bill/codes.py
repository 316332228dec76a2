"""The codes of coupons, as pure functions: `7K3M-Q9ZT-H2VC-1`.

Twelve characters of Crockford's base32, 60 bits of a keyed HMAC-SHA-256 of the coupon's id, and a check character: Luhn's
formula mod 32 over the same alphabet, which catches every single wrong character and nearly every pair that is swapped.
"""

from __future__ import annotations

import hashlib
import hmac

from app.coupons.bill.errors import CodeMistyped
from app.foundation.characters import as_meant

PURPOSE = "coupon-code"
"""For which signing secrets of the keyring codes are made; a secret's number stands with the coupon."""
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 13
GROUP = 4
HINT = 2
_BITS = 5
_BASE = len(ALPHABET)
_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_AS_READ = {**{one.lower(): one for one in ALPHABET}, **dict.fromkeys("Oo", "0"), **dict.fromkeys("IiLl", "1")}
_DOUBLED = {character: sum(divmod(2 * value, _BASE)) for character, value in _VALUES.items()}
_CHARACTERS = frozenset(ALPHABET)
_READ = str.maketrans(_AS_READ)


def code_of(coupon_id: str, secret: bytes) -> str:
    """A coupon's code, without hyphens. `secret` is the one whose number stands with the coupon.

    Among a thousand million coupons two share one: a code that is taken asks for a new id.
    """
    number = int.from_bytes(hmac.digest(secret, coupon_id.encode(), hashlib.sha256)[:8]) >> 4
    body = "".join(ALPHABET[number >> _BITS * place & _BASE - 1] for place in reversed(range(LENGTH - 1)))
    return body + ALPHABET[-_luhn_sum(body + ALPHABET[0]) % _BASE]


def read_code(text: str) -> str:
    """A code as it was scanned or typed, as `code_of` writes it. Raises CodeMistyped; nothing is looked up.

    Case, spaces and hyphens don't count, `O` is read as `0`, `I` and `L` as `1`.
    """
    code = as_meant(text).translate(_READ)
    if len(code) != LENGTH or not _CHARACTERS.issuperset(code) or _luhn_sum(code):
        raise CodeMistyped
    return code


def shown(code: str) -> str:
    """A code in groups, as readers are shown it."""
    return "-".join(code[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def hint_of(code: str) -> str:
    """The end of a code: enough to know one's own coupon by, too little to use it."""
    return f"…{code[-HINT:]}"


def _luhn_sum(text: str) -> int:
    """0 for a text with the right check character: every second one from the right counts double, its digits added."""
    doubled, single = map(_DOUBLED.__getitem__, text[-2::-2]), map(_VALUES.__getitem__, text[::-2])
    return (sum(doubled) + sum(single)) % _BASE

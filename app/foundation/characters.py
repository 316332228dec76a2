"""Which characters a text may hold: names that are compared show all of theirs, other texts don't hide what they say.

Codes are read as they were scanned or typed. All pure.
"""

from __future__ import annotations

import re
import unicodedata

_HIDDEN = (
    "\x00-\x1f\x7f-\xa0\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890-\u0891\u08e2\u115f-\u1160\u1680\u17b4-\u17b5"
    "\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ue000-\uf8ff\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\uffff"
)
"""What the eye can't see or tell from something else, of the Basic Multilingual Plane: Unicode's Cc, Cf, Cs, Co, Zl, Zp
and Zs but for the space, and what is blank or by default ignored though it counts as a letter, mark or symbol."""
_HIDDEN_ABOVE = "\U0001d159\U0001d173-\U0001d17a\U000e0000-\U000e0fff\U000f0000-\U0010ffff"
_SHOWN = f"[^ {_HIDDEN}{_HIDDEN_ABOVE}]+"
_VISIBLE = re.compile(f"{_SHOWN}(?: +{_SHOWN})*")
_HIDING = re.compile(r"[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def _escaped(characters: str) -> str:
    """In a form that ECMA 262, RE2 and Python read alike: above Latin-1 that is the character itself."""
    return "".join(one if one == "-" or one > "\xff" else f"\\x{ord(one):02x}" for one in characters)


VISIBLE_PATTERN = "^[^ {0}]+( +[^ {0}]+)*$".format(_escaped(_HIDDEN))
"""`is_visible` as a regular expression for readers of the contract, as far as one tells it."""
PLAIN_PATTERN = "^[^{}]*$".format(_escaped("\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069"))
"""`hides` as a regular expression: what it matches doesn't."""


def is_visible(text: str) -> bool:
    """Whether all of a text can be seen; spaces stand only between other characters."""
    return text.isprintable() and _VISIBLE.fullmatch(text) is not None


def composed(text: str) -> str:
    """A text in the one way (NFC) to write what looks the same because it is the same: `e` with an accent is `é`.

    What only looks alike by its letters' shape (`A` and the Greek `Α`, `１` and `1`) is still two texts.
    """
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def hides(text: str) -> bool:
    """Whether a text holds NUL or another control character but line ends and tabs, or turns the order of reading."""
    return not text.isprintable() and _HIDING.search(text) is not None


_MARKS = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
_ADDED = re.compile(r"[\s\-\u2010-\u2015\u2212]+")
_SYMBOLOGY = re.compile(r"\][A-Za-z][0-9]")


def without_marks(text: str) -> str:
    """A text without the marks that phones put around numbers when they are copied: they have no width."""
    return _MARKS.sub("", text)


def as_meant(code: str) -> str:
    """A code without what a scanner or a hand adds to it: the prefix of its symbology (AIM, ISO/IEC 15424: `]C1`, `]Q1`),
    line ends, tabs, spaces and hyphens; wide digits are those of ASCII. Of nothing else but these it stays as it was.
    """
    plain = _ADDED.sub("", unicodedata.normalize("NFKC", without_marks(code)))
    found = _SYMBOLOGY.match(plain)
    return (plain[found.end() :] if found else plain) or code

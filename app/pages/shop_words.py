"""Words for the kinds and places that districts name; others are said as they are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from app.foundation.i18n import Words, said
from app.foundation.i18n import words as _l

KINDS = {
    "catering": _l("Restaurants"),
    "tea": _l("Tea"),
    "bakery": _l("Bakeries"),
    "fashion": _l("Fashion"),
    "beauty": _l("Beauty"),
    "books": _l("Books"),
    "children": _l("For children"),
    "cinema": _l("Cinema"),
    "culture": _l("Culture"),
    "electronics": _l("Electronics"),
    "gifts": _l("Gifts"),
    "home": _l("For the home"),
    "jewellery": _l("Jewellery"),
    "optics": _l("Opticians"),
    "pharmacy": _l("Pharmacies"),
    "sports": _l("Sports"),
    "supermarket": _l("Supermarkets"),
}
ZONES = {
    "east": _l("East"),
    "west": _l("West"),
    "south": _l("South"),
    "north": _l("North"),
    "central": _l("Centre"),
}


def named(known: Mapping[str, Words], names: Iterable[str]) -> dict[str, str]:
    """Some names with the words for them, in the order of the names."""
    return {name: said(known[name]) if name in known else name for name in sorted(names)}

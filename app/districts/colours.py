"""The colour of a district, and what goes with it. Pure; colours are `#rrggbb`."""

from __future__ import annotations

import re

PINE, PAPER = "#0c6a52", "#f6f5f1"
"""What a district has that chose none, and what its pages are written on."""
LEAST_CONTRAST = 4.5
"""Of text on its ground (WCAG 2.2, 1.4.3)."""
_FORM = re.compile(r"#[0-9a-f]{6}")


def is_colour(text: str) -> bool:
    """Whether a text is a colour as it is kept."""
    return _FORM.fullmatch(text) is not None


def can_be_read(colour: str) -> bool:
    """Whether words in a colour stand out from paper, and white ones from it: paper is darker than white."""
    return contrast(colour, PAPER) >= LEAST_CONTRAST


def contrast(one: str, other: str) -> float:
    """From 1 to 21 (WCAG 2.2, contrast ratio)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mixed(colour: str, other: str, percent: int) -> str:
    """A colour with so much of another one in it."""
    pairs = zip(_parts(colour), _parts(other), strict=True)
    return "#" + "".join(f"{round((one * (100 - percent) + more * percent) / 100):02x}" for one, more in pairs)


def _parts(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return float(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)

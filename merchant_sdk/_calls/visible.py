"""What the server takes for a reference: characters that can be seen. Pure.

A till that is offline hears at once what it would otherwise hear when the sale is sent, and the customer has gone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0\ufff0-\uffff"
    "\U0001d159\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Letters, marks and symbols that nobody sees."""


def is_visible(text: str) -> bool:
    """Whether all of a text can be seen; spaces stand only between other characters."""
    return bool(text) and text.isprintable() and text == text.strip(" ") and _BLANK.search(text) is None


def check_visible(fields: Mapping[str, object], names: Iterable[str]) -> None:
    """Raises ValueError for a text among these fields that the server refuses for its characters."""
    for name in names:
        text = fields.get(name)
        if isinstance(text, str) and not is_visible(text):
            raise ValueError(f"{name}: {text!a} has characters that can't be seen, or spaces around it")

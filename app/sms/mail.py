"""What any way of sending e-mail offers, and what goes by it: letters of a few lines, in all of our languages."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from app.foundation.i18n import LOCALES, Words, in_every_language
from app.foundation.i18n import words as _l


class Letter(NamedTuple):
    """A plain text with its subject. `id` tells it from others, also when it is sent again."""

    id: str
    subject: str
    text: str


class Mail(Protocol):
    """A way to send letters. Safe for threads."""

    def send_letter(self, address: str, letter: Letter) -> None:
        """Sends a letter. Raises NotSent. One that is sent twice does no harm."""


def letter_of(letter_id: str, subject: Words, *lines: Words | str) -> Letter:
    """A letter that says its lines in one language after another: nobody knows which one its reader speaks."""
    told = [in_every_language(line) if isinstance(line, Words) else [line] * len(LOCALES) for line in lines]
    text = "\n\n\n".join("\n\n".join(paragraphs) for paragraphs in zip(*told, strict=True))
    return Letter(letter_id, " / ".join(in_every_language(subject)), text + "\n")


def letter_with_code(letter_id: str, code: str) -> Letter:
    """What tells a sign-in code."""
    told = _l("%(code)s is your sign-in code. It works for 5 minutes; give it to nobody.", code=code)
    return letter_of(letter_id, _l("Your sign-in code"), told)

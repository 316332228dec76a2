"""An inbox for whoever tries the product: messages stand in a file instead of going to a phone. Never in production."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import orjson
from flask_babel import gettext as _

from app.foundation.clock import Clock, format_instant, utc_now
from app.sms.mail import Letter
from app.sms.port import NotSent

MOST_SHOWN = 100
_MOST_READ = 64 << 10


class Inbox:
    """Appends messages to a file that only its owner reads, one JSON object a line."""

    def __init__(self, path: str, *, clock: Clock = utc_now) -> None:
        self._path = Path(path)
        self._clock = clock

    def send_code(self, phone: str, code: str) -> None:
        """Raises NotSent where the file can't be written."""
        text = _("%(code)s is your sign-in code. It works for 5 minutes; give it to nobody.", code=code)
        self._put({"phone": phone, "code": code, "text": text})

    def send_notice(self, phone: str, changes_on: str) -> None:
        """Raises NotSent where the file can't be written."""
        text = _(
            "From %(day)s on your membership has another phone number. If it wasn't you, sign in with this number before "
            "that day, or ask the district at once.",
            day=changes_on,
        )
        self._put({"phone": phone, "code": None, "text": text})

    def send_account_notice(self, phone: str) -> None:
        """Raises NotSent where the file can't be written."""
        text = _(
            "How you sign in to the console was changed by an administrator. If you don't know why, ask at once who it was."
        )
        self._put({"phone": phone, "code": None, "text": text})

    def send_letter(self, address: str, letter: Letter) -> None:
        """Raises NotSent where the file can't be written."""
        self._put({"phone": None, "email": address, "code": None, "text": f"{letter.subject}\n\n{letter.text}"})

    def _put(self, message: dict[str, str | None]) -> None:
        line = {**message, "sent_at": format_instant(self._clock())}
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(file, orjson.dumps(line) + b"\n")  # one write: processes may do so at one time
            finally:
                os.close(file)
        except OSError as error:
            raise NotSent(type(error).__name__, may_pass=False) from error

    def newest(self, digits: str = "") -> list[dict[str, Any]]:
        """The newest messages, the newest first; those to phones, or addresses, that end so, if an end is given."""
        try:
            with self._path.open("rb") as file:
                file.seek(max(0, self._path.stat().st_size - _MOST_READ))
                lines = file.read().split(b"\n")
        except FileNotFoundError:
            return []
        messages = [message for message in map(_read, reversed(lines)) if message is not None]
        return [one for one in messages if (one["phone"] or one["email"]).endswith(digits)][:MOST_SHOWN]


def _read(line: bytes) -> dict[str, Any] | None:
    """A message; None for what was cut off at the beginning of what was read, or is still being written."""
    try:
        message: dict[str, Any] = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return message

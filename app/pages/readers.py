"""What people type into a field, as the value that a schema takes, and how a field shows it again.

What can't be read is given back for the schema to refuse.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.foundation.clock import end_of_day, parse_instant, start_of_day

_SUM = re.compile(r"(?=.?\d)(\d{0,10})(?:\.(\d{0,2}))?")
_IN_THREES = re.compile(r"\d{1,3}(,\d{3})+(\.|$)")
_COUNT = re.compile(r"\d{1,15}", re.ASCII)


def fen(text: str) -> int | str:
    """Fen of a sum in yuan as the till reads it: `12`, `12.5`, `12,5`, `1,280.00`, `￥12。5`."""
    typed = unicodedata.normalize("NFKC", text).replace("。", ".").replace(" ", "").removeprefix("¥").removesuffix("元")
    bare = typed.replace(",", "") if _IN_THREES.match(typed) else typed.replace(",", ".", 1)
    found = _SUM.fullmatch(bare)
    return int(found[1] or "0") * 100 + int((found[2] or "").ljust(2, "0")) if found and bare.isascii() else text


def yuan(amount: int) -> str:
    """The same again: `12`, `12.50`."""
    whole, part = divmod(amount, 100)
    return f"{whole}.{part:02}" if part else str(whole)


def count(text: str) -> int | str:
    """A whole number: `1000`, `1,000`."""
    typed = unicodedata.normalize("NFKC", text).strip()
    bare = typed.replace(",", "") if _IN_THREES.fullmatch(typed) else typed
    return int(bare) if _COUNT.fullmatch(bare) else text


def instant_in(zone: str) -> Callable[[str], str]:
    """The instant of a local time, as `<input type="datetime-local">` sends it."""

    def read(text: str) -> str:
        try:
            local = datetime.fromisoformat(text)
        except ValueError:
            return text
        return (local if local.tzinfo else local.replace(tzinfo=ZoneInfo(zone))).isoformat()

    return read


def local_in(zone: str) -> Callable[[str], str]:
    """The local time of an instant, to the second, as such a field shows it."""

    def write(instant: str) -> str:
        local = parse_instant(instant).astimezone(ZoneInfo(zone)).replace(tzinfo=None, microsecond=0)
        return local.isoformat(timespec="seconds" if local.second else "minutes")

    return write


def beginning_in(zone: str) -> Callable[[str], str]:
    """The first instant of a local day."""
    return lambda text: _of_day(text, lambda day: start_of_day(day, ZoneInfo(zone)))


def end_in(zone: str) -> Callable[[str], str]:
    """The first instant after a local day."""
    return lambda text: _of_day(text, lambda day: end_of_day(day, ZoneInfo(zone)))


def _of_day(text: str, instant: Callable[[date], datetime]) -> str:
    try:
        return instant(date.fromisoformat(text)).isoformat()
    except (ValueError, OverflowError):
        return text

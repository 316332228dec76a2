"""Values as they go over the wire: instants in UTC, integers only, ids that keep their place in a path."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, Final, Literal
from urllib.parse import quote


class Unset(Enum):
    """Tells "leave it as it is" from None, "make it empty", in an update."""

    UNSET = "UNSET"

    def __repr__(self) -> str:
        return self.value


UNSET: Final = Unset.UNSET
Keep = Literal[Unset.UNSET]


def given(**fields: object) -> dict[str, object]:
    """The fields that are not None: what is left out, the server fills in."""
    return {name: value for name, value in fields.items() if value is not None}


def changed(**fields: object) -> dict[str, object]:
    """The fields that are not UNSET."""
    return {name: value for name, value in fields.items() if value is not UNSET}


def encode(value: object) -> Any:
    """A value as JSON has it; aware datetimes become RFC 3339 in UTC, dates YYYY-MM-DD.

    Raises ValueError for a naive datetime, TypeError for a float (amounts are ints) and what isn't JSON.
    """
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, datetime):
        return format_instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {_name(name): encode(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [encode(inner) for inner in value]
    if isinstance(value, float):
        raise TypeError(f"{value!r}: numbers are integers here, amounts are in fen")
    raise TypeError(f"a {type(value).__name__} can't be sent")


def encode_fields(fields: Mapping[str, object], amounts: Collection[str]) -> dict[str, Any]:
    """Fields as JSON, without those that are None. Raises as `encode`, and TypeError for an amount that is no int."""
    encoded = {name: encode(value) for name, value in fields.items() if value is not None}
    for name in amounts:
        if name in encoded and type(encoded[name]) is not int:
            raise TypeError(f"{name}: {encoded[name]!r} is no int; amounts are in fen")
    return encoded


def encode_query(params: Mapping[str, object] | None) -> dict[str, str]:
    """A query's values as text, without those that are None. Raises as `encode`."""
    encoded = {name: encode(value) for name, value in (params or {}).items() if value is not None}
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in encoded.items()}


def format_instant(instant: datetime) -> str:
    """RFC 3339 in UTC, ending in Z. Raises ValueError for a naive datetime."""
    if instant.utcoffset() is None:
        raise ValueError(f"{instant.isoformat()} has no time zone; give an aware datetime")
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def parse_instant(text: str) -> datetime:
    """An RFC 3339 instant with an offset, in UTC. Raises ValueError."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"{text} has no offset")
    return instant.astimezone(UTC)


def day(value: date | str) -> str:
    """A calendar day as YYYY-MM-DD. Raises TypeError for a datetime, whose day depends on a time zone."""
    if isinstance(value, datetime):
        raise TypeError("a date is needed, not a datetime")
    return value if isinstance(value, str) else value.isoformat()


def path(*segments: str) -> str:
    """The address of a resource, `/v1/…`. Raises ValueError for a segment that would lead elsewhere."""
    for segment in segments:
        if segment in ("", ".", ".."):
            raise ValueError(f"{segment!r} is no id")
    return "/v1/" + "/".join(quote(segment, safe="") for segment in segments)


def _name(name: object) -> str:
    if not isinstance(name, str):
        raise TypeError(f"{name!r}: names of fields are texts")
    return name

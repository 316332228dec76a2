"""How an answer's JSON becomes a frozen dataclass: unknown fields are ignored, and all is kept in `raw`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Self

from merchant_sdk._http.errors import UnexpectedAnswer
from merchant_sdk._http.wire import parse_instant

Read = Callable[[Any], Any]
Metadata = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Base of the answers. `raw` is the JSON object as it came; it may hold secrets, and is in no repr."""

    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def read(cls, body: object) -> Self:
        """The answer in a JSON object; null is as good as absent. Raises UnexpectedAnswer."""
        if not isinstance(body, dict):
            raise UnexpectedAnswer(f"no JSON object where a {cls.__name__} belongs")
        try:
            values = {
                item.name: item.metadata.get("read", _as_it_is)(body[name])
                for item in fields(cls)
                if body.get(name := item.metadata.get("name", item.name)) is not None and item.name != "raw"
            }
            return cls(raw=body, **values)
        except (TypeError, ValueError, AttributeError) as error:
            raise UnexpectedAnswer(f"a {cls.__name__} that can't be read: {error}") from error


def _as_it_is(value: Any) -> Any:
    return value


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{text!r} is no decimal number") from None


def one(kind: type[Answer]) -> Metadata:
    """The metadata of a field that is another answer."""
    return {"read": kind.read}


def many(kind: type[Answer]) -> Metadata:
    """The metadata of a field that is a tuple of answers."""
    return {"read": lambda rows: tuple(kind.read(row) for row in rows)}


def named(name: str) -> Metadata:
    """The metadata of a field whose name on the wire can't be one in Python."""
    return {"name": name}


INSTANT: Metadata = {"read": parse_instant}
"""An aware datetime in UTC."""
DAY: Metadata = {"read": date.fromisoformat}
"""A date."""
DECIMAL: Metadata = {"read": _decimal}
"""An exact number, a text on the wire."""
TUPLE: Metadata = {"read": tuple}
"""A JSON array, its items as they came."""

"""How an answer's JSON becomes a frozen dataclass: unknown fields are ignored, and all is kept in `raw`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, Self

from merchant_sdk.errors import UnexpectedAnswer
from merchant_sdk.wire import parse_instant

Read = Callable[[Any], Any]
Metadata = Mapping[str, Read]
Plan = tuple[tuple[str, Read | None], ...]


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
                name: body[name] if read is None else read(body[name])
                for name, read in _plan(cls)
                if body.get(name) is not None
            }
            return cls(raw=body, **values)
        except (TypeError, ValueError, AttributeError) as error:
            raise UnexpectedAnswer(f"a {cls.__name__} that can't be read: {error}") from error


def _read_plan(kind: type[Answer]) -> Plan:
    return tuple((item.name, item.metadata.get("read")) for item in fields(kind) if item.name != "raw")


_plan: Callable[[type[Answer]], Plan] = cache(_read_plan)


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


INSTANT: Metadata = {"read": parse_instant}
"""An aware datetime in UTC."""
DAY: Metadata = {"read": date.fromisoformat}
"""A date."""
DECIMAL: Metadata = {"read": _decimal}
"""An exact number, a text on the wire."""
TUPLE: Metadata = {"read": tuple}
"""A JSON array, its items as they came."""

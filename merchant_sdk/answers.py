"""How an answer's JSON becomes a frozen dataclass: fields it doesn't know are ignored, and all is kept in `raw`."""

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


@cache
def _plan(kind: type[Answer]) -> tuple[tuple[str, Read | None], ...]:
    return tuple((item.name, item.metadata.get("read")) for item in fields(kind) if item.name != "raw")


def instant() -> Any:
    """A field that is an aware datetime in UTC."""
    return field(metadata={"read": parse_instant})


def maybe_instant() -> Any:
    """A field that is an aware datetime in UTC, or None."""
    return field(default=None, metadata={"read": parse_instant})


def maybe_day(*, shown: bool = True) -> Any:
    """A field that is a date, or None."""
    return field(default=None, repr=shown, metadata={"read": date.fromisoformat})


def nested(kind: type[Answer]) -> Any:
    """A field that is another answer, or None."""
    return field(default=None, metadata={"read": kind.read})


def many(kind: type[Answer]) -> Any:
    """A field that is a tuple of answers."""
    return field(default=(), metadata={"read": lambda rows: tuple(kind.read(row) for row in rows)})


def texts() -> Any:
    """A field that is a tuple of texts."""
    return field(default=(), metadata={"read": tuple})


def mapping() -> Any:
    """A field that is a JSON object, as it came."""
    return field(default_factory=dict, hash=False, metadata={"read": dict})


def mappings() -> Any:
    """A field that is a tuple of JSON objects, as they came."""
    return field(default=(), hash=False, metadata={"read": tuple})


def decimal() -> Any:
    """A field that is an exact decimal number, a text on the wire."""
    return field(metadata={"read": _decimal})


def hidden() -> Any:
    """A field that is secret or personal: absent from repr, or None."""
    return field(default=None, repr=False)


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{text!r} is no decimal number") from None

"""Bodies and queries: parsed, checked, and every flaw named with a JSON pointer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from itertools import islice
from typing import Any, NamedTuple

import orjson
from marshmallow import Schema, ValidationError
from marshmallow.exceptions import SCHEMA

from app.foundation.i18n import Words
from app.foundation.i18n import words as _l
from app.foundation.problems import Flaw, MalformedJson, NotFound, ValidationFailed

MAX_FLAWS = 100
MAX_KEY_LENGTH = 200
"""A longer key isn't said again: the pointer leads to the object that has it."""
_left: ContextVar[int] = ContextVar("flaws_left", default=MAX_FLAWS)


class Reason(NamedTuple):
    """Why a value isn't accepted: a stable code, and words."""

    code: str
    words: Words


class Wrong(ValidationError):
    """A value that isn't accepted, or with a `name` the field of that name."""

    def __init__(self, code: str, words: Words, name: str = SCHEMA) -> None:
        super().__init__([Reason(code, words)], name)


def several_wrong(reasons: Mapping[str, Reason]) -> ValidationError:
    """Several fields, or keys of a value, that aren't accepted."""
    return ValidationError({name: [reason] for name, reason in reasons.items()})


def items_wrong(messages: Mapping[int, Any], loaded: list[Any]) -> ValidationError:
    """Items of a list, by their places, that aren't accepted, and those that are."""
    return ValidationError(dict(messages), valid_data=loaded)


def parse_json(data: bytes) -> Any:
    """The value of a JSON text (RFC 8259, UTF-8) in which no object has a key twice. Raises MalformedJson."""
    try:
        value = orjson.loads(data)
        quotes = orjson.dumps(value).count(b'"')
    except orjson.JSONDecodeError as error:
        raise MalformedJson(_l("What stands at character %(position)s is not JSON.", position=error.pos)) from None
    except orjson.JSONEncodeError:
        raise MalformedJson(_l("The body is nested too deeply.")) from None
    if quotes != _quotes(data):
        raise MalformedJson(_l("An object in the body has the same key twice."))
    return value


def _quotes(data: bytes) -> int:
    """The quotation marks that a JSON text has if nothing of it is lost: each key that is lost takes two with it."""
    if rb"\u0022" not in data:
        return data.count(b'"')
    plain = data.replace(rb"\\", b"")  # what is left of backslashes begins an escape
    return plain.count(b'"') + plain.count(rb"\u0022")


def load(schema: Schema, value: Any, most: int = MAX_FLAWS) -> Any:
    """A body checked against its schema. `most` flaws are named, and beyond them not all are looked for.

    Raises ValidationFailed, or NotFound where only ids name nothing.
    """
    before = _left.set(most)
    try:
        return schema.load(value)
    except ValidationError as error:
        raise problem_of(error, most) from None
    finally:
        _left.reset(before)


def is_enough() -> bool:
    """Counts a flawed item of a list; whether no more of them need to be looked for."""
    _left.set(_left.get() - 1)
    return _left.get() <= 0


def problem_of(error: ValidationError, most: int = MAX_FLAWS) -> ValidationFailed | NotFound:
    """marshmallow's messages as flaws with pointers; ids that can't exist are not found, as unknown ones are."""
    found = list(islice(_flaws(error.messages, ""), most + 1))
    flaws = found[:most]
    if all(flaw.code == "not-found" for flaw in flaws):
        return NotFound(flaws[0].detail, flaws=flaws)
    if len(found) > most or _left.get() <= 0:
        return ValidationFailed(_l("Several fields are not valid, more perhaps than are named."), flaws=flaws)
    return ValidationFailed(flaws[0].detail if len(flaws) == 1 else _l("Several fields are not valid."), flaws=flaws)


def _flaws(messages: Any, pointer: str) -> Iterator[Flaw]:
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            step = "" if key == "_schema" else step_to(str(key))
            yield from _flaws(inner, pointer + step)
    elif isinstance(messages, list):
        for inner in messages:
            yield from _flaws(inner, pointer)
    elif isinstance(messages, Reason):
        yield Flaw(pointer, *messages)
    else:
        yield Flaw(pointer, "invalid", _l("This value is not valid."))


def step_to(key: str) -> str:
    """One step of a JSON pointer (RFC 6901, section 3); none for a key that is too long to be said again."""
    if len(key) > MAX_KEY_LENGTH:
        return ""
    return "/" + key.replace("~", "~0").replace("/", "~1")

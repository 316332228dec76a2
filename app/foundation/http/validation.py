"""Bodies and queries: parsed, checked, and every flaw named with a JSON pointer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import orjson
from marshmallow import Schema, ValidationError
from marshmallow.exceptions import SCHEMA

from app.foundation.i18n import Words
from app.foundation.i18n import words as _l
from app.foundation.problems import Flaw, MalformedJson, NotFound, ValidationFailed

MAX_FLAWS = 100


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


def parse_json(data: bytes) -> Any:
    """The value of a JSON text (RFC 8259, UTF-8). Raises MalformedJson."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise MalformedJson(_l("What stands at character %(position)s is not JSON.", position=error.pos)) from None


def load(schema: Schema, value: Any) -> dict[str, Any]:
    """A body checked against its schema. Raises ValidationFailed, or NotFound where only ids name nothing."""
    try:
        loaded: dict[str, Any] = schema.load(value)
        return loaded
    except ValidationError as error:
        raise problem_of(error) from None


def problem_of(error: ValidationError) -> ValidationFailed | NotFound:
    """marshmallow's messages as flaws with pointers; ids that can't exist are not found, as unknown ones are."""
    flaws = list(_flaws(error.messages, ""))[:MAX_FLAWS]
    if all(flaw.code == "not-found" for flaw in flaws):
        return NotFound(flaws[0].detail, flaws=flaws)
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
    """One step of a JSON pointer (RFC 6901, section 3)."""
    return "/" + key.replace("~", "~0").replace("/", "~1")

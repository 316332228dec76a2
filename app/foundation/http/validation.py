"""Bodies and queries: parsed, checked, and every flaw named with a JSON pointer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from marshmallow import Schema, ValidationError

from app.foundation.problems import Flaw, MalformedJson, NotFound, ValidationFailed

MAX_FLAWS = 100


def parse_json(data: bytes) -> Any:
    """The value of a JSON text (RFC 8259, UTF-8). Raises MalformedJson."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise MalformedJson(f"The body is not JSON: {error.msg} at character {error.pos}.") from None


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
    return ValidationFailed(flaws[0].detail if len(flaws) == 1 else "Several fields are not valid.", flaws=flaws)


def _flaws(messages: Any, pointer: str) -> Iterator[Flaw]:
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            step = "" if key == "_schema" else step_to(str(key))
            yield from _flaws(inner, pointer + step)
    elif isinstance(messages, list):
        for inner in messages:
            yield from _flaws(inner, pointer)
    else:
        code, _, words = str(messages).partition("|")
        yield Flaw(pointer, code if words else "invalid", words or code)


def step_to(key: str) -> str:
    """One step of a JSON pointer (RFC 6901, section 3)."""
    return "/" + key.replace("~", "~0").replace("/", "~1")

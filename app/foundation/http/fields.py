"""marshmallow fields with strict JSON types. What isn't accepted is `Wrong`; `validation` turns it into flaws."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import date, datetime
from itertools import islice
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields, missing, pre_load

from app.foundation import clock, ids
from app.foundation.characters import PLAIN_PATTERN, VISIBLE_PATTERN, as_meant, composed, hides, is_visible
from app.foundation.figures.money import MAX_AMOUNT
from app.foundation.http.contract.shapes import Shape, one_of, public_id, some_id
from app.foundation.http.validation import Reason, Wrong, is_enough, items_wrong, several_wrong
from app.foundation.i18n import words as _l
from app.foundation.pagination import DEFAULT_LIMIT
from app.foundation.symbols import FORMATS

Quick = Callable[[Any], dict[str, Any] | None]
"""What a schema would load of a value, or None where that takes a closer look."""
_Messages = dict[str, str | list[Any] | dict[Any, Any]]
_REQUIRED: _Messages = {
    "required": [Reason("required", _l("This field is needed."))],
    "null": [Reason("null", _l("This field may not be null."))],
}
_NO_OBJECT = Reason("invalid-type", _l("An object is needed."))
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOST_UNKNOWN = 20


class Body(Schema):
    """Base of every body and query: unknown fields are refused, and null is as good as leaving out what has a default.

    `more_shape`: what JSON Schema can say of fields that depend on each other.
    """

    more_shape: ClassVar[Shape] = {}

    error_messages: dict[str, Any] = {
        "unknown": Reason("unknown-field", _l("There is no such field.")),
        "type": _NO_OBJECT,
    }

    @pre_load
    def _null_as_left_out(self, data: Any, **_: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        if len(data) > len(self.fields) + _MOST_UNKNOWN:
            self._refuse_unknown(data)
        if None not in data.values():
            return data
        defaults = {one.data_key or name for name, one in self.fields.items() if null_means_default(one)}
        return {name: value for name, value in data.items() if value is not None or name not in defaults}

    def _refuse_unknown(self, data: Mapping[str, Any]) -> None:
        """Names some of many: marshmallow would name each."""
        known = {one.data_key or name for name, one in self.fields.items()}
        unknown = islice((name for name in data if name not in known), _MOST_UNKNOWN)
        raise several_wrong(dict.fromkeys(unknown, self.error_messages["unknown"]))


class Nothing(Body):
    """No fields."""


def null_means_default(one: fields.Field[Any]) -> bool:
    """Whether a field has a default that null stands for, as leaving it out does."""
    return not one.required and not one.allow_none and one.load_default is not missing


class StrictField(fields.Field[Any], ABC):
    """Base of every field. `example` and `metadata` (keywords of JSON Schema) go into the contract's document.

    `is_plain`: its values are ids, figures or words of ours, never what people write: the audit log may keep them.
    """

    default_error_messages = _REQUIRED
    is_plain: ClassVar[bool] = False

    def __init__(self, *, example: Any = None, metadata: Mapping[str, Any] | None = None, **options: Any) -> None:
        examples = {} if example is None else {"examples": [example]}
        super().__init__(metadata={**(metadata or {}), **examples}, **options)

    @abstractmethod
    def accepts(self) -> Shape:
        """What it accepts, as JSON Schema."""


class Text(StrictField):
    """A text of `least` to `most` characters that hides nothing; a `visible` one shows each of them, and is
    composed (NFC) afterwards."""

    def __init__(self, most: int, *, least: int = 1, visible: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.least, self.most, self.visible = least, most, visible

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        if not isinstance(value, str):
            raise Wrong("invalid-type", _l("A text is needed."))
        if not self.least <= len(value) <= self.most:
            raise Wrong(
                "invalid-length",
                _l("From %(least)s to %(most)s characters are needed.", least=self.least, most=self.most),
            )
        if hides(value):
            raise Wrong("invalid-characters", _l("Characters that control or turn the text are not accepted."))
        if self.visible and not is_visible(value):
            raise Wrong("invalid-characters", _l("Only visible characters are accepted."))
        return composed(value) if self.visible else value

    def accepts(self) -> Shape:
        pattern = VISIBLE_PATTERN if self.visible else PLAIN_PATTERN
        return {"type": "string", "minLength": self.least, "maxLength": self.most, "pattern": pattern}


class NameText(Text):
    """What somebody or something is called: not by blanks alone."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        name = super()._deserialize(value, attr, data, **options)
        if not name.strip():
            raise Wrong("invalid-characters", _l("Only visible characters are accepted."))
        return name


class CodeText(Text):
    """A code as a scanner read it or somebody typed it; without what they add to it afterwards."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        return as_meant(super()._deserialize(value, attr, data, **options))


class TokenText(Text):
    """A token as it was handed on; without spaces and line ends around it afterwards."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        text = super()._deserialize(value, attr, data, **options)
        return text.strip() or text


class Integer(StrictField):
    """A JSON integer from `least` to `most`; `12.0`, `"12"` and `true` are none."""

    is_plain = True

    def __init__(self, least: int = 0, most: int = MAX_AMOUNT, **options: Any) -> None:
        super().__init__(**options)
        self.least, self.most = least, most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise Wrong("invalid-type", _l("An integer is needed."))
        if not self.least <= value <= self.most:
            raise Wrong("out-of-range", _l("From %(least)s to %(most)s is accepted.", least=self.least, most=self.most))
        return value

    def accepts(self) -> Shape:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


class Flag(StrictField):
    """A JSON boolean."""

    is_plain = True

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> bool:
        if not isinstance(value, bool):
            raise Wrong("invalid-type", _l("true or false is needed."))
        return value

    def accepts(self) -> Shape:
        return {"type": "boolean"}


class Instant(StrictField):
    """An RFC 3339 instant with an offset; in UTC afterwards."""

    is_plain = True

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> datetime:
        if not isinstance(value, str):
            raise Wrong("invalid-type", _l("A text is needed."))
        try:
            return clock.parse_instant(value)
        except ValueError:
            raise Wrong("invalid-instant", _l("An RFC 3339 instant with an offset is needed.")) from None

    def accepts(self) -> Shape:
        return {"type": "string", "format": "date-time"}


class Day(StrictField):
    """A calendar date, `YYYY-MM-DD`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> date:
        if not isinstance(value, str):
            raise Wrong("invalid-type", _l("A text is needed."))
        try:
            if _DAY.fullmatch(value):  # fromisoformat also reads weeks: 2026-W01-1
                return date.fromisoformat(value)
        except ValueError:
            pass
        raise Wrong("invalid-date", _l("A date YYYY-MM-DD is needed."))

    def accepts(self) -> Shape:
        return {"type": "string", "format": "date"}


class Id(StrictField):
    """A public id of one kind. One of the wrong shape names nothing, and is answered as an unknown one is."""

    is_plain = True

    def __init__(self, prefix: str, **options: Any) -> None:
        super().__init__(**options)
        self.prefix = prefix

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        if not isinstance(value, str):
            raise Wrong("invalid-type", _l("A text is needed."))
        if not ids.is_id(self.prefix, value):
            raise Wrong("not-found", _l("There is no such thing here."))
        return value

    def is_one(self, value: Any) -> bool:
        """Whether a value has the shape: the short way for lists of many."""
        return isinstance(value, str) and ids.is_id(self.prefix, value)

    def accepts(self) -> Shape:
        return public_id(self.prefix)


class SomeId(StrictField):
    """A public id of any kind."""

    is_plain = True

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        if not isinstance(value, str):
            raise Wrong("invalid-type", _l("A text is needed."))
        if not ids.is_some_id(value):
            raise Wrong("not-found", _l("There is no such thing here."))
        return value

    def accepts(self) -> Shape:
        return {"type": "string", "pattern": "^[a-z]{3}_[0-9a-f]{32}$", "examples": [some_id("mem")]}


class OneOf(StrictField):
    """One of a few texts."""

    is_plain = True

    def __init__(self, choices: tuple[str, ...], **options: Any) -> None:
        super().__init__(**options)
        self.choices = choices

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        if not isinstance(value, str):
            raise Wrong("invalid-type", _l("A text is needed."))
        if value not in self.choices:
            raise Wrong("not-a-choice", _l("One of %(choices)s is needed.", choices=", ".join(self.choices)))
        return value

    def accepts(self) -> Shape:
        return one_of(*self.choices)


class ListOf(fields.List[Any]):
    """A JSON array of `least` to `most` items. When enough of them are flawed, the others aren't looked at."""

    default_error_messages = _REQUIRED

    def __init__(self, inner: Any, *, most: int, least: int = 0, **options: Any) -> None:
        super().__init__(inner, **options)
        self.least, self.most = least, most
        self.is_plain = bool(getattr(self.inner, "is_plain", False))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> list[Any]:
        if not isinstance(value, list):
            raise Wrong("invalid-type", _l("A list is needed."))
        if not self.least <= len(value) <= self.most:
            raise Wrong(
                "invalid-length", _l("From %(least)s to %(most)s items are accepted.", least=self.least, most=self.most)
            )
        if isinstance(self.inner, Id) and all(map(self.inner.is_one, value)):
            return list(value)
        loaded: list[Any] = []
        flawed: dict[int, Any] = {}
        for index, item in enumerate(value):
            try:
                loaded.append(self.inner.deserialize(item, **options))
            except ValidationError as error:
                flawed[index] = error.messages
                if is_enough():
                    break
        if flawed:
            raise items_wrong(flawed, loaded)
        return loaded


class Object(fields.Nested):
    """A JSON object of another schema. `quick` may say yes to one before the schema is asked."""

    default_error_messages = {**_REQUIRED, "type": [_NO_OBJECT]}

    def __init__(self, nested: Any, *, quick: Quick | None = None, **options: Any) -> None:
        super().__init__(nested, **options)
        self.quick = quick

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:  # type: ignore[override]
        return (self.quick(value) if self.quick else None) or super()._deserialize(value, attr, data, **options)


class Metadata(StrictField):
    """Up to 50 keys of 40 characters with text values of up to 500."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> dict[str, str]:
        if not isinstance(value, Mapping):
            raise Wrong("invalid-type", _l("An object is needed."))
        if len(value) > 50:
            raise Wrong("invalid-length", _l("Up to 50 keys are accepted."))
        words = _l("Keys have 1 to 40 characters, values are texts of up to 500.")
        wrong = {
            key: Reason("invalid-metadata", words)
            for key, text in value.items()
            if not 1 <= len(key) <= 40 or not isinstance(text, str) or len(text) > 500 or hides(key + text)
        }
        if wrong:
            raise several_wrong(wrong)
        return dict(value)

    def accepts(self) -> Shape:
        key = {"minLength": 1, "maxLength": 40, "pattern": PLAIN_PATTERN}
        text = {"type": "string", "maxLength": 500, "pattern": PLAIN_PATTERN}
        return {"type": "object", "maxProperties": 50, "propertyNames": key, "additionalProperties": text}


class PictureQuery(Body):
    """How an image is wanted."""

    format = OneOf(FORMATS, load_default="svg")


class QueryInteger(Integer):
    """An integer in a query string."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> int:
        if not re.fullmatch(r"-?[0-9]{1,12}", value):
            raise Wrong("invalid-type", _l("An integer is needed."))
        return super()._deserialize(int(value), attr, data, **options)


class Page(Body):
    """The query of a list. Subclasses set the prefix of its ids by `Page.of`."""

    limit = QueryInteger(1, 100, metadata={"default": DEFAULT_LIMIT})


SORTED = "In another order than the newest first; `-` before a name: the greatest first."


def page_query(prefix: str, **filters: fields.Field[Any]) -> Schema:
    """The query schema of a list of things with this id prefix, with its filters."""
    cursors = {"starting_after": Id(prefix), "ending_before": Id(prefix)}
    return Page.from_dict({**cursors, **filters}, name=f"Page{prefix}")()

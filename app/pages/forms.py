"""Forms: the texts of a page's fields become the JSON that a schema checks, and its flaws go back to their fields.

There is no second validator: a page accepts what the API accepts. A field's name is the path of its value: `name`,
`validity.days_after_issue`, `rules.0.points`. An empty text is null where the schema takes null, else left out; a
checkbox is true or false, a choice of an empty text neither; several values of one name make a list, as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from flask import request
from marshmallow import Schema, fields
from werkzeug.datastructures import MultiDict

from app.foundation.http.bodies import read_body
from app.foundation.http.fields import Flag, Integer, ListOf, Object
from app.foundation.http.framing import body_is_read
from app.foundation.http.uploads import FORM, Upload, take_apart
from app.foundation.http.validation import load
from app.foundation.i18n import said
from app.foundation.problems import DomainError, ValidationFailed
from app.pages.errors import FormUnreadable

Texts = MultiDict[str, str]
Readers = Mapping[str, Callable[[str], Any]]
"""By name, what makes of a text the value that a schema wants, such as fen of `12.50`; it gives back what it
can't read."""
Writers = Mapping[str, Callable[[Any], str]]
"""By name, how a value is written that a reader reads, such as 1250 fen as `12.50`."""
MOST_BYTES = 1 << 18
MOST_OF_A_FILE = 8 << 20
_MOST_FIELDS = 2000
_MOST_ITEMS = 1000


@dataclass(frozen=True, slots=True)
class Form:
    """What a page's fields show: the texts that were sent, and what is wrong with them."""

    texts: Texts = field(default_factory=MultiDict)
    error: DomainError | None = None

    def value(self, name: str, known: Any = "") -> str:
        """What was sent for a field; what is known of it already where nothing was sent."""
        return self.texts.get(name, "") if self.texts else "" if known is None else str(known)

    def has(self, name: str, value: str, known: bool = False) -> bool:
        """Whether a box is ticked: as it was sent, or as it is known."""
        return value in self.texts.getlist(name) if self.texts else known

    def flaw(self, name: str) -> str | None:
        """What is wrong with a field, in the reader's language."""
        pointer = pointer_to(name)
        return next((said(one.detail) for one in self._flaws() if _is_at(one.pointer, pointer)), None)

    def words(self) -> str | None:
        """What is wrong, all in all."""
        return said(self.error.detail) if self.error is not None else None

    def _flaws(self) -> tuple[Any, ...]:
        return self.error.flaws if self.error is not None else ()


def pointer_to(name: str) -> str:
    """The JSON pointer of a field."""
    return "/" + name.replace(".", "/")


def _is_at(pointer: str, at: str) -> bool:
    return pointer == at or pointer.startswith(f"{at}/")


def sent_texts() -> Texts:
    """The fields of the request at hand. Raises FormUnreadable, BodyTooLarge."""
    if request.mimetype != "application/x-www-form-urlencoded":
        raise FormUnreadable
    data = read_body(MOST_BYTES)
    body_is_read()
    try:
        pairs = parse_qsl(data.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise FormUnreadable from error
    return MultiDict(pairs)


def sent_file() -> tuple[Texts, Upload | None]:
    """The fields of a form that brings a file, and the file; None where none was chosen. Raises as `sent_texts`."""
    if request.mimetype != FORM:
        raise FormUnreadable
    data = read_body(MOST_OF_A_FILE)
    body_is_read()
    try:
        upload, fields = take_apart(data)
    except ValidationFailed:
        return MultiDict(), None
    return MultiDict(fields), upload


def read(schema: Schema, texts: Texts, readers: Readers | None = None) -> dict[str, Any]:
    """What a schema loads of texts. Raises ValidationFailed, NotFound."""
    checked: dict[str, Any] = load(schema, body_of(schema, texts, readers or {}))
    return checked


def body_of(schema: Schema, texts: Texts, readers: Readers) -> dict[str, Any]:
    """The JSON body that texts stand for; fields of a form that the schema doesn't know are the page's own."""
    return dict(_members(schema, "", texts, readers))


def _members(schema: Schema, at: str, texts: Texts, readers: Readers) -> Iterator[tuple[str, Any]]:
    for name, one in schema.fields.items():
        key = one.data_key or name
        value = _value(one, at + key, texts, readers)
        if value is not None or (one.allow_none and at + key in texts):
            yield key, value


def _value(one: fields.Field[Any], name: str, texts: Texts, readers: Readers) -> Any:
    if isinstance(one, Object):
        return dict(_members(one.schema, f"{name}.", texts, readers)) or None
    if isinstance(one, ListOf):
        return _list(one, name, texts, readers)
    if isinstance(one, Flag):
        return None if texts.get(name) == "" else texts.get(name, "") not in ("", "false", "off", "0")
    text = texts.get(name, "").strip()
    return _scalar(one, name, text, readers) if text else None


def _list(one: ListOf, name: str, texts: Texts, readers: Readers) -> list[Any] | None:
    if not isinstance(one.inner, Object):
        sent = [_scalar(one.inner, name, text, readers) for text in texts.getlist(name) if text.strip()]
        return sent or ([] if name in texts else None)
    found = [_value(one.inner, f"{name}.{at}", texts, readers) for at in range(_count(name, texts))]
    return [item for item in found if item is not None] or None


def _count(name: str, texts: Texts) -> int:
    """How many items of a list were sent, those that were taken out included."""
    places = (key[len(name) + 1 :].partition(".")[0] for key in texts if key.startswith(f"{name}."))
    return min(_MOST_ITEMS, 1 + max((int(place) for place in places if place.isdecimal()), default=-1))


def in_lines(texts: Texts, *names: str) -> Texts:
    """The same with each line of some fields as a value by itself."""
    apart = texts.copy()
    for name in names:
        if name in apart:
            apart.setlist(name, texts.get(name, "").splitlines() or [""])
    return apart


def texts_of(schema: Schema, body: Mapping[str, Any], writers: Writers | None = None) -> Texts:
    """The texts that stand for a JSON body: what a form shows of something that is known. The other way round than `body_of`."""
    return MultiDict(_texts(schema, "", body, writers or {}))


def _texts(schema: Schema, at: str, body: Mapping[str, Any], writers: Writers) -> Iterator[tuple[str, str]]:
    for name, one in schema.fields.items():
        key = one.data_key or name
        if key in body:
            yield from _texts_of_value(one, at + key, body[key], writers)


def _texts_of_value(one: fields.Field[Any], name: str, value: Any, writers: Writers) -> Iterator[tuple[str, str]]:
    if isinstance(one, Object):
        yield from _texts(one.schema, f"{name}.", value or {}, writers)
    elif isinstance(one, ListOf) and isinstance(one.inner, Object):
        for place, item in enumerate(value):
            yield from _texts_of_value(one.inner, f"{name}.{place}", item, writers)
    elif isinstance(one, ListOf):
        yield from ((name, str(item)) for item in value or [""])
    elif isinstance(one, Flag):
        yield name, "true" if value else "false"
    else:
        yield name, "" if value is None else writers.get(name, str)(value)


def _scalar(one: fields.Field[Any], name: str, text: str, readers: Readers) -> Any:
    if name in readers:
        return readers[name](text)
    if isinstance(one, Integer) and text.removeprefix("-").isdecimal() and len(text) <= 15:
        return int(text)
    return text

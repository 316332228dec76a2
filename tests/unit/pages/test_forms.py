"""Texts of a form become the JSON that a schema checks."""

from __future__ import annotations

import pytest
from marshmallow import Schema
from werkzeug.datastructures import MultiDict

from app.foundation.http.fields import Body, Day, Flag, Id, Integer, ListOf, Object, Text
from app.foundation.problems import ValidationFailed
from app.pages.forms import Form, body_of, read


class Validity(Body):
    days = Integer(1)
    on = Day()


class Rule(Body):
    key = Text(20, required=True)
    points = Integer()


class Whole(Body):
    name = Text(20, required=True)
    note = Text(20, allow_none=True, load_default=None)
    amount = Integer()
    is_open = Flag(load_default=False)
    weekdays = ListOf(Integer(1, 7), most=7)
    stores = ListOf(Id("str"), most=9)
    validity = Object(Validity)
    rules = ListOf(Object(Rule), most=9)


SCHEMA: Schema = Whole()


@pytest.mark.parametrize(
    ("texts", "body"),
    [
        ([], {"is_open": False}),
        ([("name", "  a "), ("note", ""), ("amount", "")], {"name": "a", "note": None, "is_open": False}),
        ([("amount", "12"), ("is_open", "true")], {"amount": 12, "is_open": True}),
        ([("amount", "-12")], {"amount": -12, "is_open": False}),
        ([("amount", "1.5")], {"amount": "1.5", "is_open": False}),
        ([("weekdays", "5"), ("weekdays", "6")], {"weekdays": [5, 6], "is_open": False}),
        ([("weekdays", "")], {"weekdays": [], "is_open": False}),
        ([("validity.days", "30"), ("validity.on", "")], {"validity": {"days": 30}, "is_open": False}),
        (
            [("rules.0.key", "a"), ("rules.2.key", "b"), ("rules.2.points", "x")],
            {"rules": [{"key": "a"}, {"key": "b", "points": "x"}], "is_open": False},
        ),
        ([("rules.999999999.key", "a"), ("unknown", "1")], {"is_open": False}),
    ],
)
def test_texts_stand_for_json(texts: list[tuple[str, str]], body: dict[str, object]) -> None:
    assert body_of(SCHEMA, MultiDict(texts), {}) == body


def test_readers_make_values_of_texts() -> None:
    texts = MultiDict([("amount", "12.50"), ("name", "")])
    assert body_of(SCHEMA, texts, {"amount": lambda text: text[:2], "name": str.upper}) == {
        "amount": "12",
        "is_open": False,
    }


@pytest.mark.usefixtures("context")
def test_flaws_stand_at_their_fields() -> None:
    texts = MultiDict([("amount", "viel"), ("validity.days", "0"), ("weekdays", "9")])
    with pytest.raises(ValidationFailed) as refused:
        read(SCHEMA, texts)
    form = Form(texts, refused.value)
    assert {name for name in SCHEMA.fields if form.flaw(name)} == {"name", "amount", "weekdays", "validity"}
    assert form.flaw("validity.days")
    assert not form.flaw("validity.on")
    assert (form.value("amount"), form.value("name", "known")) == ("viel", "")


def test_what_was_sent_comes_before_what_is_known() -> None:
    assert Form().value("name", 3) == "3"
    assert Form().value("name", None) == ""
    assert Form().has("is_open", "true", known=True)
    sent = Form(MultiDict([("stores", "a")]))
    assert sent.has("stores", "a")
    assert not sent.has("is_open", "true", known=True)

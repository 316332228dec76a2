"""A quick yes is the schema's yes: whatever comes in, `accept` says nothing or exactly what `SALE` loads."""

from __future__ import annotations

import copy
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from app.foundation.figures.money import MAX_AMOUNT
from app.transactions.plain_bodies import accept, accept_item
from app.transactions.reports import SaleReport
from app.transactions.schemas import SALE, ItemBody

HEX = "0193f0a1b2c37d4e8f90a1b2c3d4e5f6"
STORE, MEMBER = f"str_{HEX}", f"mem_{HEX}"
COMMON: dict[str, Any] = {
    "reference": "A101-20260101-0001",
    "store_id": STORE,
    "member_id": MEMBER,
    "amount": 12800,
    "currency": "CNY",
    "occurred_at": "2026-01-01T20:15:00+08:00",
    "channel": "till",
    "payment_method": "wechat",
    "payment_reference": "4200001234567890",
    "items": [{"sku": "1", "name": "面", "category": "food", "quantity": 2, "amount": 12800}],
}
PLAIN = {"reference": "A101-1", "amount": 0}
NUMBERS = [True, False, 0, 1, -1, 2**63, 10**30, MAX_AMOUNT, MAX_AMOUNT + 1, 0.0, 1.0, 12.5, 1e400, -0.0, 1j]
TEXTS = [
    "",
    " ",
    "12",
    "\0",
    "a\0b",
    "a\x7f",
    "a\x85b",
    "a\u2028b",
    "\ud800",
    "a b",
    " a",
    "a ",
    "漢字",
    "😀",
    "a\n",
]
LENGTHS = ["x" * 40, "x" * 41, "x" * 128, "x" * 129, "x" * 255, "x" * 256]
IDS = [STORE, MEMBER, f"mer_{HEX}", STORE.upper(), STORE + "0", STORE + "\n", STORE[:-1], "13800000000"]
INSTANTS = [
    "2026-01-01T00:00:00Z",
    "2026-01-01T00:00:00",
    "2026-02-30T00:00:00Z",
    "2026-01-01T00:00:00+08:75",
]
OBJECTS = [
    None,
    [],
    [None],
    [1],
    {},
    {"a": "b"},
    (),
    set(),
    b"bytes",
    bytearray(b"x"),
    frozenset({1}),
    object(),
]
VALUES = [*NUMBERS, *TEXTS, *LENGTHS, *IDS, *INSTANTS, "0001-01-01T00:00:00+08:00", *OBJECTS]
NASTY = st.one_of(
    st.sampled_from(VALUES),
    st.text(max_size=6),
    st.integers(),
    st.floats(),
)
AMOUNT = st.integers(0, MAX_AMOUNT)
WORD = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=8)
ITEM = st.fixed_dictionaries(
    {"amount": AMOUNT | NASTY},
    optional={
        "sku": st.none() | WORD | NASTY,
        "name": st.none() | WORD | NASTY,
        "category": st.none() | WORD | NASTY,
        "quantity": st.integers(1, 1_000_000) | NASTY,
        "colour": NASTY,
    },
)
GOOD: dict[str, st.SearchStrategy[Any]] = {
    "reference": WORD,
    "amount": AMOUNT,
    "eligible_amount": st.none() | AMOUNT,
    "store_id": st.sampled_from([None, STORE]),
    "store_code": st.none() | WORD,
    "member_id": st.sampled_from([None, MEMBER]),
    "member_code": st.sampled_from([None, None, "880000012345123456", "880000099999123456"]),
    "presence_token": st.sampled_from([None, None, "pt_x"]),
    "phone": st.sampled_from([None, "13800000000"]),
    "currency": st.sampled_from([None, "CNY", "HKD"]),
    "coupons": st.lists(st.sampled_from(["7K3M-Q9ZT-H2VC-1", "x", "七"]), max_size=3),
    "points_to_spend": st.sampled_from((0, 1, 300)),
    "occurred_at": st.none()
    | st.datetimes(timezones=st.timezones()).map(lambda one: one.isoformat())
    | st.sampled_from(["2026-01-01T20:15:00+08:00", "2026-01-01t20:15:00.25z"]),
    "channel": st.none() | WORD,
    "payment_method": st.none() | WORD,
    "payment_reference": st.none() | WORD,
    "items": st.lists(ITEM, max_size=3),
    "metadata": st.just({}) | st.dictionaries(WORD, WORD, max_size=2),
}


@st.composite
def sales(draw: st.DrawFn) -> Any:
    """Mostly good sales, in which some fields are missing, nasty, or not known at all."""
    names = draw(st.sets(st.sampled_from([name for name in GOOD if name not in PLAIN])))
    body = {name: draw(GOOD[name]) for name in (*PLAIN, *names)}
    for name in draw(st.lists(st.sampled_from([*GOOD, "coupon", "", "store id"]), max_size=2)):
        if name in body and draw(st.booleans()):
            del body[name]
        else:
            body[name] = draw(NASTY)
    return body


@settings(max_examples=600)
@given(sales() | NASTY | st.lists(NASTY, max_size=2))
def test_it_says_nothing_or_what_the_schema_says(body: Any) -> None:
    event("left to the schema" if accept(body) is None else "accepted")
    _agree(body)


@pytest.mark.parametrize("name", [*GOOD, "tip"])
@pytest.mark.parametrize("base", [COMMON, PLAIN], ids=["common", "plain"])
def test_one_nasty_value_in_a_good_sale(name: str, base: dict[str, Any]) -> None:
    for value in VALUES:
        _agree(base | {name: value})


@pytest.mark.parametrize("name", ["sku", "name", "category", "quantity", "amount", "colour"])
def test_one_nasty_value_in_a_good_item(name: str) -> None:
    for value in VALUES:
        _agree(PLAIN | {"items": [{"amount": 1}, {"amount": 2, name: value}]})


def _agree(body: Any) -> None:
    accepted = accept(body)
    if accepted is not None:
        assert _typed(accepted) == _typed(SALE.load(body))


PLAINLY = [name for name in GOOD if name not in (*PLAIN, "phone", "metadata", "store_code", "items")]


@given(st.fixed_dictionaries({one: GOOD[one] for one in PLAIN}, optional={one: GOOD[one] for one in PLAINLY}))
def test_it_accepts_every_plain_sale(body: dict[str, Any]) -> None:
    try:
        loaded = SALE.load(body)
    except ValidationError:  # an offset with seconds, say, of zones of the nineteenth century
        assert accept(body) is None
    else:
        assert _typed(accept(body)) == _typed(loaded)


def _typed(value: Any) -> Any:
    """A value in which `1`, `1.0` and `True` differ, and two instants only are alike in one zone."""
    if is_dataclass(value):
        return type(value), _typed({one.name: getattr(value, one.name) for one in fields(value)})
    if isinstance(value, dict):
        return dict, {name: _typed(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return list, [_typed(inner) for inner in value]
    return type(value), repr(value)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"member_id": None},
        {"items": []},
        {"items": [{"amount": 0}] * 500},
        {"occurred_at": None},
        {"store_id": None},
        {"store_id": None, "store_code": "A101-1"},
        {"eligible_amount": 0},
        {"amount": MAX_AMOUNT},
        {"coupons": [], "points_to_spend": 0, "metadata": {}},
        {"channel": "小程序", "payment_method": "微信 支付"},
        {"reference": "x" * 128},
    ],
    ids=lambda changes: ", ".join(changes) or "as it is",
)
def test_it_accepts_the_common_sale(changes: dict[str, Any]) -> None:
    body = COMMON | changes
    accepted = accept(body)
    assert accepted is not None
    assert _typed(accepted) == _typed(SALE.load(body))


def test_a_plain_sale_gets_every_default() -> None:
    assert accept(PLAIN) == SaleReport("A101-1", 0)


def test_instants_are_in_utc() -> None:
    accepted = accept(COMMON)
    assert accepted is not None
    assert accepted.occurred_at == datetime(2026, 1, 1, 12, 15, tzinfo=UTC)
    assert accepted.occurred_at.tzinfo is UTC


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": "12800"},
        {"amount": 12800.0},
        {"amount": True},
        {"amount": -1},
        {"amount": MAX_AMOUNT + 1},
        {"amount": None},
        {"reference": None},
        {"reference": ""},
        {"reference": "a\0"},
        {"store_id": f"mer_{HEX}"},
        {"store_id": STORE + "\n"},
        {"store_code": "A101-1"},
        {"member_id": [MEMBER]},
        {"points_to_spend": False},
        {"points_to_spend": 0.0},
        {"points_to_spend": -1},
        {"coupons": ["x\u200b"]},
        {"coupons": [""]},
        {"coupons": ["x"] * 21},
        {"coupons": None},
        {"items": None},
        {"items": {}},
        {"items": [{"amount": 0}] * 501},
        {"items": [{"amount": 1, "quantity": 0}]},
        {"items": [{"amount": 1, "quantity": True}]},
        {"items": [{"quantity": 1}]},
        {"items": [{"amount": 1, "colour": "red"}]},
        {"items": [None]},
        {"occurred_at": "2026-01-01T20:15:00"},
        {"occurred_at": 1767269700},
        {"occurred_at": datetime(2026, 1, 1, tzinfo=UTC)},
        {"metadata": None},
        {"metadata": []},
        {"currency": "CN"},
        {"channel": "a\tb"},
        {"colour": "red"},
    ],
    ids=str,
)
def test_it_says_nothing_of_what_is_not_plain(changes: dict[str, Any]) -> None:
    assert accept(COMMON | changes) is None


@pytest.mark.parametrize("body", [None, [], "sale", 1, True, (), {}, {"reference": "x"}, {1: 2}, {("a",): 1}], ids=repr)
def test_it_says_nothing_of_what_is_no_sale(body: Any) -> None:
    assert accept(body) is None


def test_what_was_sent_stays_as_it_was() -> None:
    body = copy.deepcopy(COMMON)
    accepted = accept(body)
    assert accepted is not None
    accepted.items[0]["amount"] = 1
    assert body == COMMON


def test_two_sales_share_no_lists() -> None:
    one, other = accept(dict(PLAIN)), accept(dict(PLAIN))
    assert one is not None
    assert other is not None
    for name in ("coupons", "items", "metadata"):
        assert getattr(one, name) is not getattr(other, name)


ITEM = ItemBody()
ITEMS = st.fixed_dictionaries(
    {},
    optional={
        **{name: st.sampled_from(VALUES) | st.text(max_size=3) for name in ("sku", "name", "category")},
        **{name: st.sampled_from([None, 1, 0, 1_000_000, 1_000_001, True, 1.0]) for name in ("quantity", "amount")},
        "other": st.none(),
    },
)


@given(ITEMS)
def test_an_item_is_accepted_exactly_where_the_schema_does(item: dict[str, Any]) -> None:
    try:
        wanted = ITEM.load(copy.deepcopy(item))
    except ValidationError:
        wanted = None
    assert accept_item(item) == wanted

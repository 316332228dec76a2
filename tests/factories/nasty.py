"""Values that a field must refuse, by what the field takes; and values that nobody expects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from marshmallow import fields

from app.foundation.http.fields import (
    Day,
    Flag,
    Id,
    Instant,
    Integer,
    ListOf,
    Metadata,
    Object,
    OneOf,
    SomeId,
    Text,
    null_means_default,
)
from app.foundation.http.times_of_day import Clock
from app.members.schemas import Controller, Phone
from app.messaging.schemas import EndpointUrl, EventPattern
from app.payments.stripe.schemas import NameAtStripe
from app.points.schemas import PointValue
from app.staff.schemas import LoginText

ZEROS = "0" * 32
NO_TEXTS: tuple[Any, ...] = (True, False, 0, 1.5, 10**30, [], {}, ["x"], {"x": "y"})
NO_NUMBERS: tuple[Any, ...] = (
    True,
    False,
    1.5,
    12.0,
    -0.0,
    1e300,
    "12",
    "",
    "x",
    [],
    {},
    [1],
    10**30,
    -(10**30),
    2**63,
)


def _text(one: Text) -> Iterator[Any]:
    yield from NO_TEXTS
    yield from ("x" * (one.most + 1), "x" * 200_000, "a\0b", "\0", "a\x1bb", "a\x7f", "a\x9f", "a\u202eb", "a\u2066b")
    if one.least:
        yield ""
    if one.visible:
        yield from (
            "a\nb",
            "\t",
            " ",
            " a",
            "a ",
            "a\u00a0b",
            "\ufeffa",
            "a\u200b",
            "a\u3000",
            "\u00ad",
            "a\u2028",
        )


def _texts(*refused: str) -> Callable[[Any], Iterator[Any]]:
    return lambda one: iter((*NO_TEXTS, "", "x", "\0", "x" * 200_000, *refused))


def _integer(one: Integer) -> Iterator[Any]:
    yield from NO_NUMBERS
    yield from (one.least - 1, one.most + 1)


def _id(one: Id) -> Iterator[Any]:
    yield from NO_TEXTS
    yield from (
        "",
        ZEROS,
        f"{one.prefix}_",
        f"{one.prefix}_{ZEROS}0",
        f"{one.prefix}_{ZEROS[1:]}",
        f"{one.prefix}_{ZEROS}\n",
    )
    yield from (f"xxx_{ZEROS}", f"{one.prefix.upper()}_{ZEROS}", f"{one.prefix}_{'A' * 32}", f"{one.prefix}_{'٣' * 32}")
    yield from (f"{one.prefix}_{ZEROS}", "'; DROP TABLE members; --", "../..", "\0")


def _list(one: ListOf) -> Iterator[Any]:
    yield from (True, 1, 1.5, "x", "", {}, {"0": "x"}, [[]], ["\0"] * (one.most + 1), [None])


_BY_KIND: tuple[tuple[type, Callable[[Any], Iterator[Any]]], ...] = (
    (
        Phone,
        _texts(
            "1380000000",
            "+",
            "911",
            "13800000000 ext 5",
            "+8613800000000000",
            "abc",
            "１３８",
            "138call0000",
            "13800000000a",
            "4008001234",
        ),
    ),
    (LoginText, _texts("1380000000", "+", "911", "abc", "a@", "@b.cn", "a b@c.cn", "a@b@c.cn", "a" * 400 + "@b.cn")),
    (Controller, _texts("districts", "District", "str_" + ZEROS, "mer_")),
    (NameAtStripe, _texts("acct_", "acct_é", "acct_1-2", "sk_test_", "pk_live_1", "whsec", " ", "sk_prod_1")),
    (
        EndpointUrl,
        _texts(
            *(
                "example.com",
                "//example.com",
                "ftp://example.com",
                "javascript:alert(1)",
                "https://",
                "https:///x",
                "https://[::1",
            ),
            *(
                "http://example.com",
                "https://a:b@example.com",
                "https://example.com#x",
                "https://example.com:99999",
                "https://例.com",
            ),
            *(
                "https://127.0.0.1/",
                "https://localhost",
                "https://[::1]/",
                "https://10.0.0.1",
                "https://169.254.169.254/latest",
            ),
            *(
                "https://0.0.0.0",
                "https://[::ffff:10.0.0.1]/",
                "https://example.com/" + "a" * 1000,
                "https://exa mple.com",
            ),
        ),
    ),
    (
        EventPattern,
        _texts("points", "points.", ".earned", "points.earned.", "*.*", "**", "Points.Earned", "points-earned"),
    ),
    (Clock, _texts("24:00", "7:00", "07:60", "0700", "07:00:00", "٠٧:٠٠")),
    (PointValue, lambda one: iter((True, 1, 1.5, [], "", "0", "-1", "1e3", "NaN", "1.00001", "1,5", "٣", "1" * 50))),
    (Id, _id),
    (SomeId, lambda one: iter((*NO_TEXTS, "", "x", f"mem_{ZEROS}x", "\0"))),
    (OneOf, _texts("nonsense", "CNY ", "\ud7ff")),
    (Integer, _integer),
    (Flag, lambda one: iter((0, 1, "true", "", [], {}, 1.0))),
    (
        Instant,
        _texts(
            *("2026-01-01", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "now", "0"),
            *("2026-01-01T24:00:01Z", "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+08", "20260101T000000Z"),
            *(
                "0001-01-01T00:00:00+14:00",
                "9999-12-31T23:59:59-14:00",
                "10000-01-01T00:00:00Z",
                "-2026-01-01T00:00:00Z",
            ),
        ),
    ),
    (Day, _texts("2026-13-01", "2026-02-30", "2026-W01-1", "20260101", "2026-1-1", "0000-01-01", "٢٠٢٦-01-01")),
    (
        Metadata,
        lambda one: iter((True, 1, "x", [], {"k": 1}, {"k": None}, {"": "v"}, {"k" * 41: "v"}, {"k": "v" * 501})),
    ),
    (Text, _text),
    (ListOf, _list),
    (Object, lambda one: iter((True, 1, 1.5, "x", "", [], [{}]))),
)


def refused(one: fields.Field[Any]) -> list[Any]:
    """Values that are nothing for this field."""
    [make, *_] = [make for kind, make in _BY_KIND if isinstance(one, kind)]
    return [*make(one), *([] if one.allow_none or null_means_default(one) else [None])]


ODD: tuple[Any, ...] = (
    *(None, True, 0, 1, -1, 1.5, 2**31, 2**53 + 1, 2**63 - 1, 10_000_000_000),
    *(
        "",
        " ",
        "x",
        "💥" * 20,
        "\u202eabc",
        "\ufeff",
        "é" * 30,
        "null",
        "0",
        "%00",
        "../../etc/passwd",
        "{{7*7}}",
        "a\n\tb",
    ),
    *("'; DROP TABLE members; --", '"\\', "{}", '{"a"}', "NULL", "\\x00", "-1", "1e400", "$1", "%(x)s", "\ud7ff\ue000"),
    *("0001-01-01T00:00:00Z", "1999-12-31T23:59:59Z", "2000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"),
    *("2016-12-31T23:59:60Z", "0001-01-01", "9999-12-31", "1900-01-01", "2999-01-01", "+8613800138000"),
    *([], {}, [None], [[[[]]]], {"": ""}, {"a": {"b": []}}, ["x"] * 1000, {str(number): "x" for number in range(60)}),
)
"""Values that some fields take; whatever comes of them, it is an answer."""

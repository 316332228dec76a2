"""Nasty input on every route that takes any: always a problem that names the place, never a 5xx, and nothing changed."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from flask import Flask
from marshmallow import fields

from app.config import Settings
from app.foundation.http.batches import MOST_ITEMS
from app.foundation.http.routing import MAX_BATCH_BYTES, MAX_BODY_BYTES, RouteSpec
from tests.factories.api import Api, Reply
from tests.factories.checksums import Watch
from tests.factories.nasty import ODD, refused
from tests.factories.problems import check_problem
from tests.factories.shoppers import signed_in
from tests.factories.specs import (
    SPECS,
    Place,
    body_of,
    in_bundles,
    name_of,
    path_of,
    places,
    pointer_of,
    rival_of,
    schema_of,
    with_value,
)
from tests.factories.worlds import World, new_world

TAKING = [spec for spec in SPECS if schema_of(spec)]
POSTS = [spec for spec in SPECS if spec.method == "POST"]
BATCHES = [spec for spec in TAKING if spec.batch]
NO_JSON = (
    *(b"{", b"}", b"[1,", b'{"a":1,}', b"{'a':1}", b"{a:1}", b"nul", b"True", b"01", b"+1", b"1.", b".5", b'"', b"\\"),
    *(b"NaN", b"Infinity", b"-Infinity", b'{"a":NaN}', b"\x00", b"{}\x00", b"{} {}", b"//", b"\xef\xbb\xbf{}", b'"\t"'),
    *(
        b"\xff\xfe{}",
        b'{"a":"\xff"}',
        b'{"a":"\xc3"}',
        b'{"a":"\xed\xa0\x80"}',
        b'{"a":"\\ud800"}',
        b'{"a":"\\udc00x"}',
    ),
    *(b'{"a":"\\x41"}', b"[" * 100_000, b'{"a":' * 100_000, b"[" * 100_000 + b"]" * 100_000, "{}".encode("utf-16")),
)
NO_OBJECTS = (b"[]", b"1", b'"x"', b"null", b"true", b"1.5", b"[{}]", b"1e5", b"-0", b"123456789012345678901234567890")


@pytest.fixture(scope="module")
def shared(app: Flask, settings: Settings, _superuser: psycopg.Connection) -> World:
    """A district for all the tests here, whose admin has proven itself for as long as they take."""
    world = new_world(Api.inside(app, settings.operator_key))
    _superuser.execute(
        "UPDATE staff_sessions SET proven_at = proven_at + interval '1 day' WHERE account_id = %s",
        (world.admin.account_id[-32:],),
    )
    return world


@pytest.fixture
def world(app: Flask, shared: World) -> World:
    """The same, its member signed in anew: one of the tests may have changed the phone."""
    with app.app_context():
        return replace(shared, token=signed_in(shared.district.id, shared.ids["mem"]).access_token)


@pytest.fixture
def unchanged(watch: Watch, world: World) -> Iterator[None]:
    """Whatever a test sends, everything stays as it was."""
    before = watch.sums()
    yield
    assert watch.sums() == before


def named(some: list[RouteSpec]) -> Any:
    return pytest.mark.parametrize("spec", some, ids=name_of)


def send(spec: RouteSpec, world: World, body: Any = None, data: bytes | None = None, **headers: str) -> Reply:
    """A call of a route by whoever may do it; the body as Python's own JSON writes it, which knows big numbers."""
    api = world.district.api
    if data is None and not isinstance(body, bytes):
        data = json.dumps(body).encode()
    sent = body if data is None else None
    return api.call(spec.method, path_of(spec, world.ids), sent, key=world.key_of(spec), data=data, headers=headers)


def check_refused(spec: RouteSpec, reply: Reply, place: Place, value: Any) -> None:
    """The refusal names the place, or one within what was given there."""
    problem, pointer = reply.body, pointer_of(place)
    if spec.batch:
        [result] = reply.ok(200)["results"]
        assert result["status"] == result["problem"]["status"]
        problem, pointer = result["problem"], pointer_of(place[2:])
    else:
        check_problem(reply)
    assert problem["status"] in (404, 422), (place, value, problem)
    named_places = [flaw["pointer"] for flaw in problem["errors"]]
    assert any(f"{one}/".startswith(f"{pointer}/") for one in named_places), (place, value, problem)


@named(TAKING)
@pytest.mark.usefixtures("context", "unchanged")
def test_what_a_field_can_t_take_is_refused_at_its_place(spec: RouteSpec, world: World) -> None:
    whole = body_of(spec, world.ids, whole=True)
    odd: defaultdict[str, dict[Place, tuple[fields.Field[Any], list[Any]]]] = defaultdict(dict)
    for place, one in places(spec, world.ids):
        odd[rival_of(spec, place)][place] = one, refused(one)
    for rival, fitting in odd.items():
        for several, body in in_bundles({name: one for name, one in whole.items() if name != rival}, fitting):
            reply = send(spec, world, body)
            for place, value in several:
                check_refused(spec, reply, place, value)


@named(TAKING)
@pytest.mark.usefixtures("context")
def test_odd_values_get_an_answer(spec: RouteSpec, world: World) -> None:
    plain = body_of(spec, world.ids)
    for several, body in in_bundles(plain, {place: (one, ODD) for place, one in places(spec, world.ids)}):
        check_answered(send(spec, world, body), several)


def check_answered(reply: Reply, what: Any) -> None:
    assert reply.status < 500, (what, reply.body)
    if reply.status >= 400:
        check_problem(reply)
    elif isinstance(reply.body, dict) and reply.body.get("object") == "batch":
        assert all(result["status"] < 500 for result in reply.body["results"]), (what, reply.body)


@named(TAKING)
@pytest.mark.usefixtures("unchanged")
def test_what_is_no_json_is_said_to_be_none(spec: RouteSpec, world: World) -> None:
    for data in NO_JSON:
        check_problem(send(spec, world, data=data), 400, "malformed-json")


@named(TAKING)
@pytest.mark.usefixtures("unchanged")
def test_what_is_no_object_is_refused_as_a_whole(spec: RouteSpec, world: World) -> None:
    for data in NO_OBJECTS:
        assert check_problem(send(spec, world, data=data), 422, "validation-failed").pointers == {""}, data


@named(TAKING)
@pytest.mark.usefixtures("unchanged")
def test_unknown_fields_are_refused_at_their_place(spec: RouteSpec, world: World) -> None:
    body = body_of(spec, world.ids)
    for name, step in (
        ("surprise", "surprise"),
        ("a/b~c", "a~1b~0c"),
        ("", ""),
        ("\0", "\0"),
        ("__proto__", "__proto__"),
    ):
        refusal = check_problem(send(spec, world, {**body, name: 1}), 422, "validation-failed")
        assert refusal.pointers == {f"/{step}"}, name
    many = check_problem(send(spec, world, {**body, **{f"f{number}": 1 for number in range(5000)}}), 422)
    assert len(many.body["errors"]) <= 100


@named(TAKING)
def test_numbers_beyond_all_bounds_and_keys_twice_get_an_answer(spec: RouteSpec, world: World) -> None:
    whole, mark = body_of(spec, world.ids, whole=True), "here"
    for place, _ in places(spec, world.ids):
        text = json.dumps(with_value(whole, place, mark))
        for number in ("1e400", "-1e400", "1e-400", "9" * 5000, "0.1" + "0" * 5000, "-0", '1,"again":1'):
            check_answered(send(spec, world, data=text.replace('"here"', number).encode()), (place, number[:20]))
        twice = json.dumps({str(place[-1]): mark})[1:-1]
        check_answered(send(spec, world, data=text.replace('"here"', f'"here",{twice}').encode()), place)


@named(TAKING)
@pytest.mark.usefixtures("unchanged")
def test_bodies_have_a_limit(spec: RouteSpec, world: World) -> None:
    most = MAX_BATCH_BYTES if spec.batch else MAX_BODY_BYTES
    for data in (b" " * (most + 1), b'"' + b"x" * most + b'"', json.dumps({"a": "é" * (most // 2)}).encode()):
        check_problem(send(spec, world, data=data), 413, "body-too-large")
    check_problem(send(spec, world, data=b" " * most), 400, "malformed-json")


@named(BATCHES)
@pytest.mark.usefixtures("unchanged")
def test_a_batch_is_a_list_of_so_many(spec: RouteSpec, world: World) -> None:
    assert spec.batch is not None
    name, pointer = spec.batch.name, f"/{spec.batch.name}"
    for items in (None, {}, "x", 1, True, [{}] * (MOST_ITEMS + 1), [None] * 5000):
        assert check_problem(send(spec, world, {name: items}), 422).pointers == {pointer}
    assert check_problem(send(spec, world, {}), 422).pointers == {pointer}
    for item in (None, 1, "x", [], [[]], True, {}, {"surprise": 1}):
        results = send(spec, world, {name: [item, item]}).ok(200)["results"]
        assert [(one["index"], one["status"]) for one in results] == [(0, 422), (1, 422)]
        assert all(one["problem"]["errors"] for one in results)
    assert send(spec, world, {name: []}).ok(200)["results"] == []


@named(POSTS)
@pytest.mark.usefixtures("unchanged")
def test_idempotency_keys_have_a_form(spec: RouteSpec, world: World) -> None:
    body = body_of(spec, world.ids)
    for key in ("", "x" * 256, "x" * 60_000, "a\tb", "a\x7f", "\x1b"):
        check_problem(send(spec, world, body, **{"Idempotency-Key": key}), 400, "bad-request")


@named(POSTS)
@pytest.mark.usefixtures("unchanged")
def test_a_refusal_is_kept_under_no_idempotency_key(spec: RouteSpec, world: World) -> None:
    if spec.body is not None and any(one.required for one in spec.body.fields.values()):
        for _ in range(2):
            check_problem(send(spec, world, {}, **{"Idempotency-Key": "once"}), 422, "validation-failed")

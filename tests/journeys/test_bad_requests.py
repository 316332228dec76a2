"""Nasty paths, queries, headers and methods: always a problem, never a 5xx."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from marshmallow import fields

from app.config import Settings
from app.foundation.http.fields import Id
from app.foundation.http.routing import ANYONE, RouteSpec
from tests.factories.api import Api, Reply
from tests.factories.checksums import Watch
from tests.factories.problems import check_problem
from tests.factories.specs import PATH_ID, SPECS, name_of, path_of, sample
from tests.factories.worlds import World, new_world

ASKING = [spec for spec in SPECS if spec.query]
WITH_IDS = [spec for spec in SPECS if PATH_ID.search(spec.rule)]
RULES = sorted({spec.rule for spec in SPECS})
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW", "get")
ZEROS = "0" * 32
NO_LIMITS = ("0", "-1", "101", "abc", "", "1.5", "1e1", "+5", " 5", "٣", "9" * 13, "9" * 5000, "0x10", "null", "%00")
NO_IDS = ("", "x", ZEROS, "\0", "é", "💥", "%", "a" * 5000, "' OR 1=1 --", "../..", "null", "[]")
ODD_TEXTS = (*NO_IDS, "\n", "\x7f", "%2500", "&", "=", "0", "-1", "0001-01-01", "9999-12-31", "2026-02-30")
ODD_INSTANTS = (
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999Z",
    "0001-01-01T00:00:00+14:00",
    "2026-01-01T00:00:00 08:00",
)
PATHS = (
    *(
        "/",
        "/v1",
        "/v1/",
        "//",
        "/v1//members",
        "//v1/members",
        "/V1/members",
        "/v1/Members",
        "/v1/members/",
        "/v1/members//",
    ),
    *(
        "/v1/members/..",
        "/v1/../v1/members",
        "/v1/members/%2e%2e",
        "/v1/members/%00",
        "/v1/members%00",
        "/v1/members/%0d%0aX: y",
    ),
    *(
        "/v1/members/%ff",
        "/v1/会员",
        "/v1/members/%E4%BC%9A",
        "/%",
        "/v1/members;x=1",
        "/v1/members/*",
        "/v1/members/" + "a" * 10_000,
    ),
    *(
        "/openapi.json/x",
        "/static/x",
        "/.env",
        "/v1/nothing",
        "/v1/members/mem_" + ZEROS + "/nothing",
        "/readyz/x",
        "/metrics",
    ),
)


READERS = {"audit_entries": None, "code_batches": None}


@pytest.fixture(scope="module")
def world(app: Flask, settings: Settings) -> World:
    """A district for all the tests here, which none changes."""
    return new_world(Api.inside(app, settings.operator_key))


@pytest.fixture(autouse=True)
def unchanged(watch: Watch, world: World) -> Iterator[None]:
    """Whatever a test sends, everything stays as it was, but for what tells who read: of members, and codes of batches."""
    before = watch.sums()
    yield
    assert watch.sums() | READERS == before | READERS


def named(some: list[RouteSpec]) -> Any:
    return pytest.mark.parametrize("spec", some, ids=name_of)


def ask(spec: RouteSpec, world: World, query: str) -> Reply:
    """A GET with this query and what the route needs besides."""
    assert spec.query is not None
    needed = [
        f"{name}={sample(one, world.ids)}"
        for name, one in spec.query.fields.items()
        if one.required and not re.search(rf"(^|&){name}=", query)
    ]
    path = path_of(spec, world.ids).partition("?")[0]
    return world.district.api.get(f"{path}?{'&'.join([*needed, query])}", world.key_of(spec))


def check_query(reply: Reply, name: str, value: str) -> None:
    """Refused at the parameter."""
    assert check_problem(reply).status in (404, 422), (name, value)
    assert reply.pointers == {f"/{name}"}, (name, value)


def text_fields(spec: RouteSpec, kind: type) -> Iterator[tuple[str, fields.Field[Any]]]:
    assert spec.query is not None
    yield from ((name, one) for name, one in spec.query.fields.items() if isinstance(one, kind))


@named([spec for spec in ASKING if spec.query and "limit" in spec.query.fields])
def test_a_limit_is_a_number_from_1_to_100(spec: RouteSpec, world: World) -> None:
    for limit in NO_LIMITS:
        check_query(ask(spec, world, f"limit={quote(limit, safe='%')}"), "limit", limit)
    for limit in ("1", "100", "007"):
        ask(spec, world, f"limit={limit}").ok(200)


@named(ASKING)
def test_a_filter_of_another_shape_names_nothing(spec: RouteSpec, world: World) -> None:
    for name, one in text_fields(spec, Id):
        wrong = (
            *NO_IDS,
            f"{one.prefix}_{ZEROS}0",
            f"{one.prefix}_{ZEROS[1:]}",
            f"xxx_{ZEROS}",
            f"{one.prefix}_{'A' * 32}",
        )
        for value in wrong:
            check_query(ask(spec, world, f"{name}={quote(value, safe='')}"), name, value)


@named(ASKING)
def test_unknown_filters_are_refused(spec: RouteSpec, world: World) -> None:
    for name in ("surprise", "Limit", "limit[]", "__proto__"):
        reply = ask(spec, world, f"{quote(name)}=1")
        assert check_problem(reply, 422, "validation-failed").pointers == {f"/{name}"}


@named(ASKING)
def test_odd_queries_get_an_answer(spec: RouteSpec, world: World) -> None:
    assert spec.query is not None
    for name in spec.query.fields:
        for value in (*ODD_TEXTS, *ODD_INSTANTS):
            check_answered(ask(spec, world, f"{name}={quote(value, safe='')}"), (name, value))
        for query in (
            f"{name}",
            f"{name}=%ff",
            f"{name}=1&{name}=2",
            f"{name}=%",
            f"{name}[]=1",
            f"&&{name}=;",
            f"{name}=%ud800",
        ):
            check_answered(ask(spec, world, query), query)
    for query in ("", "&", "=", "=x", "%00=1", "%ff=1", "a" * 10_000, "&".join(f"a{n}=1" for n in range(3000))):
        check_answered(ask(spec, world, query), query[:20])


def check_answered(reply: Reply, what: Any) -> None:
    assert reply.status < 500, (what, reply.body)
    if reply.status >= 400:
        check_problem(reply)


@named(ASKING)
def test_both_cursors_at_once_get_an_answer(spec: RouteSpec, world: World) -> None:
    names = [name for name in ("starting_after", "ending_before") if name in (spec.query.fields if spec.query else ())]
    if names:
        values = [sample(spec.query.fields[name], world.ids) for name in names] if spec.query else []
        check_answered(ask(spec, world, "&".join(f"{a}={b}" for a, b in zip(names, values, strict=True))), names)


@named(WITH_IDS)
def test_a_path_with_an_id_of_another_shape_leads_nowhere(spec: RouteSpec, world: World) -> None:
    for prefix, _ in PATH_ID.findall(spec.rule):
        right = world.ids[prefix]
        other = next(one for kind, one in world.ids.items() if kind != prefix)
        for wrong in (
            right[:-1],
            right + "0",
            right.upper(),
            right[4:],
            other,
            right + "%00",
            right + "%0A",
            "%00",
            right[:4],
        ):
            path = path_of(spec, {**world.ids, prefix: wrong})
            reply = world.district.api.call(spec.method, path, {}, key=world.key_of(spec))
            if prefix == "code":  # capitals and ends of lines don't count in codes
                assert reply.status in (200, 404, 422), path
            else:
                assert check_problem(reply).status in (404, 405), path


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path[:40])
def test_an_address_that_is_none_leads_nowhere(world: World, path: str) -> None:
    for method in ("GET", "POST", "DELETE"):
        for key in (None, world.district.key):
            check_problem(world.district.api.call(method, path, {}, key=key), 404, "not-found")


@pytest.mark.parametrize("rule", RULES)
def test_a_wrong_method_is_told_the_right_ones(rule: str, world: World) -> None:
    path = PATH_ID.sub(lambda found: world.ids[found[1]], rule)
    known = {spec.method for spec in SPECS if same_place(spec.rule, rule) or may_be(path, spec.rule)}
    for method in METHODS:
        if method.upper() not in known:
            for key in (None, world.district.key):
                refused = check_problem(world.district.api.call(method, path, {}, key=key), 405, "method-not-allowed")
                assert known <= set(refused.headers["Allow"].split(", "))


def may_be(path: str, rule: str) -> bool:
    """Whether a path is one of a rule's, too: `/v1/coupons/validate` could be a mistyped code."""
    return "<code:code>" in rule and re.fullmatch(re.sub("<code:code>", "[^/]+", rule), path) is not None


def same_place(rule: str, other: str) -> bool:
    return PATH_ID.sub("<>", rule) == PATH_ID.sub("<>", other)


@pytest.mark.parametrize("rule", RULES)
def test_options_and_head_tell_nothing(rule: str, world: World) -> None:
    path = PATH_ID.sub(lambda found: world.ids[found[1]], rule)
    for key in (None, world.district.key):
        for method in ("OPTIONS", "HEAD"):
            reply = world.district.api.call(method, path, key=key)
            assert (reply.status < 500, reply.body) == (True, None)
            assert reply.headers["Request-Id"]


@named(SPECS)  # type: ignore[arg-type]
def test_a_request_id_is_echoed_only_if_it_is_plain(spec: RouteSpec, world: World) -> None:
    for given in ("a b", "é", "<script>", "x" * 101, "a\tb", "a;b", "٣"):
        raw = given.encode().decode("latin-1")
        refused = world.district.api.call(
            spec.method, path_of(spec, world.ids), {}, key=None, headers={"Request-Id": raw}
        )
        if spec.scope != ANYONE or spec.method != "GET":
            check_problem(refused, 401 if spec.scope != ANYONE else 404 if spec.raw else 422)
        assert refused.headers["Request-Id"] not in (given, raw)

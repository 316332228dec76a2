"""Every route, those to come too: who may call it, and that no id leads out of one's own district or shop."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from marshmallow import Schema, fields

from app.config import Settings
from app.foundation.http.fields import Body, Id, ListOf, Object, StrictField
from app.foundation.http.routing import ANYONE, SHOPPER, TILL, RouteSpec
from app.members.schemas import Controller
from tests.factories.api import Api, Reply
from tests.factories.checksums import Watch
from tests.factories.problems import check_problem
from tests.factories.specs import (
    SPECS,
    Place,
    body_of,
    name_of,
    path_of,
    places,
    pointer_of,
    prefixes_in,
    rival_of,
    sample,
    schema_of,
    with_value,
)
from tests.factories.worlds import World, new_world, specs

NO_KEYS = (None, "", "sk_live_", "sk_live_" + "a" * 58, "ok_live_wrong", "é", "a b c")
DISTRICT_WIDE = {"rls", "rpl", "tir", "per", "dis", "code"}
"""What all shops of a district share; who shows a coupon's code is told of it."""
OWN_BY_OTHER_MEANS = {
    "POST /v1/campaigns/<cam:campaign_id>/claims",
    "GET /v1/coupons/<code:code>",
    "GET /v1/coupons/<code:code>/qr",
    "GET /v1/cases",
    "GET /v1/cases/<cas:case_id>",
}
"""What a shopper calls for itself though its path names no member: see tests/journeys/test_claims_of_coupons.py, and
tests/abuse/test_complaints.py."""
EVERY_MEMBER_MAY_BE_NAMED = {"mem"}
"""In a body: any member of the district may buy anywhere."""
ALL = [spec for spec in SPECS if spec.scope != ANYONE]
OPERATORS, TENANTS = list(specs(operator=True)), list(specs(operator=False))
TENANT_SCOPES = sorted({spec.scope for spec in TENANTS})


@pytest.fixture(scope="module")
def worlds(app: Flask, settings: Settings) -> tuple[World, World]:
    """Two districts that no test here changes."""
    api = Api.inside(app, settings.operator_key)
    return new_world(api), new_world(api)


@pytest.fixture
def unchanged(watch: Watch, worlds: tuple[World, World]) -> Iterator[None]:
    """Whatever a test calls, both districts stay as they were."""
    ids = [world.district.id for world in worlds]
    before = watch.sums(*ids)
    yield
    assert watch.sums(*ids) == before


@pytest.fixture
def only_read(watch: Watch, worlds: tuple[World, World]) -> Iterator[None]:
    """The same, but that reading members leaves entries in the audit log."""
    ids = [world.district.id for world in worlds]
    before = {**watch.sums(*ids), "audit_entries": None}
    yield
    assert {**watch.sums(*ids), "audit_entries": None} == before


@pytest.fixture
def only_seen(watch: Watch, worlds: tuple[World, World]) -> Iterator[None]:
    """The same, but that tills are noted to have been there."""
    ids = [world.district.id for world in worlds]
    noted: dict[str, Any] = {"tills": None, "shifts": None, "till_tokens": None}
    before = {**watch.sums(*ids), **noted}
    yield
    assert {**watch.sums(*ids), **noted} == before


def named(some: Any) -> Any:
    """Parametrizes a test with routes."""
    return pytest.mark.parametrize("spec", list(some), ids=name_of)


def call(spec: RouteSpec, world: World, key: str | None, **changes: Any) -> Reply:
    """A call that is right but for what is changed: `path`, `body`, `query`."""
    path = changes.get("path") or path_of(spec, world.ids)
    body = changes.get("body", body_of(spec, world.ids))
    return world.district.api.call(spec.method, path + changes.get("query", ""), body, key=key)


@named(ALL)
@pytest.mark.usefixtures("unchanged")
def test_without_a_key_nobody_gets_in(spec: RouteSpec, worlds: tuple[World, World]) -> None:
    half = worlds[0].district.key[:-20]
    for key in (*NO_KEYS, half, half + "a" * 20):
        refused = check_problem(call(spec, worlds[0], key and key.encode().decode("latin-1")), 401, "unauthorized")
        assert refused.headers["WWW-Authenticate"].startswith("Bearer")


@named(ALL)
@pytest.mark.usefixtures("unchanged")
def test_other_schemes_than_bearer_are_no_key(spec: RouteSpec, worlds: tuple[World, World]) -> None:
    world = worlds[0]
    for scheme in ("Basic", "", "Bearer: "):
        headers = {"Authorization": f"{scheme}{world.district.key}"}
        path = path_of(spec, world.ids)
        check_problem(world.district.api.call(spec.method, path, {}, key=None, headers=headers), 401)


@named(OPERATORS)
@pytest.mark.usefixtures("unchanged")
def test_only_the_operator_makes_districts(spec: RouteSpec, worlds: tuple[World, World]) -> None:
    for key in (worlds[0].district.key, worlds[0].merchant_key, worlds[0].store_key):
        check_problem(call(spec, worlds[0], key), 403, "forbidden")


@named(spec for spec in ALL if spec.scope == SHOPPER)
@pytest.mark.usefixtures("unchanged")
def test_what_is_the_shopper_s_no_key_does(spec: RouteSpec, worlds: tuple[World, World]) -> None:
    for key in (worlds[0].district.key, worlds[0].merchant_key, worlds[0].district.api.operator_key):
        check_problem(call(spec, worlds[0], key), 403, "forbidden")


@named(spec for spec in ALL if spec.scope == TILL)
@pytest.mark.usefixtures("unchanged")
def test_what_is_a_till_s_no_key_does(spec: RouteSpec, worlds: tuple[World, World]) -> None:
    for key in (worlds[0].district.key, worlds[0].merchant_key, worlds[0].district.api.operator_key):
        check_problem(call(spec, worlds[0], key), 403, "forbidden")


@named(spec for spec in ALL if spec.till is None)
@pytest.mark.usefixtures("only_seen")
def test_a_till_s_token_opens_nothing_else(spec: RouteSpec, worlds: tuple[World, World]) -> None:
    check_problem(call(spec, worlds[0], worlds[0].till.token), 403, "forbidden")


@named(spec for spec in ALL if spec.till is not None and set(prefixes_in(spec)) - DISTRICT_WIDE)
@pytest.mark.usefixtures("only_seen")
def test_another_store_s_things_are_to_a_till_like_none(spec: RouteSpec, worlds: tuple[World, World]) -> None:
    own, other = worlds
    for prefix in set(prefixes_in(spec)) - DISTRICT_WIDE:
        for foreign in (own.other_shops[prefix], other.ids[prefix]):
            path = path_of(spec, {**own.ids, prefix: foreign})
            check_problem(call(spec, own, own.till.token, path=path), 404, "not-found")


@named(spec for spec in ALL if not spec.shopper and spec.scope != SHOPPER)
@pytest.mark.usefixtures("unchanged")
def test_a_shopper_s_token_opens_nothing_else(spec: RouteSpec, worlds: tuple[World, World]) -> None:
    check_problem(call(spec, worlds[0], worlds[0].token), 403, "forbidden")


@named(spec for spec in ALL if spec.shopper and name_of(spec) not in OWN_BY_OTHER_MEANS)
@pytest.mark.usefixtures("unchanged")
def test_another_member_is_to_a_shopper_like_none(spec: RouteSpec, worlds: tuple[World, World]) -> None:
    own, other = worlds
    for member_id in (own.other_shops["mem"], other.ids["mem"], f"mem_{'0' * 32}"):
        path = path_of(spec, {**own.ids, "mem": member_id})
        check_problem(call(spec, own, own.token, path=path), 404, "not-found")


@named(spec for spec in SPECS if spec.shopper)
def test_what_a_shopper_may_call_names_the_member_in_its_path(spec: RouteSpec) -> None:
    assert ("<mem:member_id>" in spec.rule) != (name_of(spec) in OWN_BY_OTHER_MEANS)


@named(TENANTS)
@pytest.mark.usefixtures("unchanged")
def test_the_operator_has_no_way_into_a_district(spec: RouteSpec, worlds: tuple[World, World]) -> None:
    check_problem(call(spec, worlds[0], worlds[0].district.api.operator_key), 403, "forbidden")


@pytest.fixture(scope="module")
def narrow_keys(worlds: tuple[World, World]) -> dict[str, str]:
    """By scope, a key of the first district that has every scope but this one."""
    return {one: worlds[0].scoped_key(*(scope for scope in TENANT_SCOPES if scope != one)) for one in TENANT_SCOPES}


@named(TENANTS)
def test_without_its_scope_a_key_is_refused(
    spec: RouteSpec, worlds: tuple[World, World], narrow_keys: dict[str, str], unchanged: None
) -> None:
    check_problem(call(spec, worlds[0], narrow_keys[spec.scope]), 403, "forbidden")


@named(specs(alliance_only=True))
@pytest.mark.usefixtures("unchanged")
def test_what_is_the_alliance_s_no_shop_does(spec: RouteSpec, worlds: tuple[World, World]) -> None:
    for key in (worlds[0].merchant_key, worlds[0].store_key):
        check_problem(call(spec, worlds[0], key), 403, "forbidden")


@named(spec for spec in TENANTS if prefixes_in(spec))
@pytest.mark.usefixtures("unchanged")
def test_a_path_to_another_district_leads_nowhere(spec: RouteSpec, worlds: tuple[World, World]) -> None:
    own, other = worlds
    for prefix in prefixes_in(spec):
        path = path_of(spec, {**own.ids, prefix: other.ids[prefix]})
        check_problem(call(spec, own, own.district.key, path=path), 404, "not-found")


@named(spec for spec in specs(operator=False, alliance_only=False) if set(prefixes_in(spec)) - DISTRICT_WIDE)
@pytest.mark.usefixtures("unchanged")
def test_a_path_to_another_shop_leads_nowhere(spec: RouteSpec, worlds: tuple[World, World]) -> None:
    own = worlds[0]
    for prefix in set(prefixes_in(spec)) - DISTRICT_WIDE:
        path = path_of(spec, {**own.ids, prefix: own.other_shops[prefix]})
        for key in own.shop_keys_of(spec):
            check_problem(call(spec, own, key, path=path), 404, "not-found")


def prefix_of(one: fields.Field[Any]) -> str | None:
    """The kind of id that a field takes."""
    return one.prefix if isinstance(one, Id) else "mer" if isinstance(one, Controller) else None


def ids_in(spec: RouteSpec, world: World) -> list[tuple[Place, str]]:
    """Where a route's body takes ids, and of which kinds."""
    return [(place, prefix) for place, one in places(spec, world.ids) if (prefix := prefix_of(one))]


def check_foreign(spec: RouteSpec, world: World, key: str, place: Place, prefix: str, foreign: str) -> None:
    """A body with a foreign id at a place is refused there; within a batch, that item is."""
    whole = with_value(sample_around(spec, world, place), place, foreign)
    reply = call(spec, world, key, body=whole)
    if spec.batch:
        [result] = reply.ok(200)["results"]
        item_pointer = pointer_of(place[2:])
        assert result["status"] == result["problem"]["status"] == 404, result
        assert [flaw["pointer"] for flaw in result["problem"]["errors"]] == [item_pointer]
    else:
        assert check_problem(reply, 404).pointers == {pointer_of(place)}


def sample_around(spec: RouteSpec, world: World, place: Place) -> Any:
    """A body in which a place can be filled: what stands beside it is there, and nothing that quarrels with it."""
    body, whole = body_of(spec, world.ids), body_of(spec, world.ids, whole=True)
    if place[0] in whole and isinstance(whole[place[0]], list | dict) and not spec.batch:
        body = {**body, place[0]: whole[place[0]]}
    if spec.batch:
        name = spec.batch.name
        return {name: [{**body[name][0], **{place[2]: whole[name][0].get(place[2])}}]}
    rival = rival_of(spec, place)
    return {name: one for name, one in body.items() if name != rival}


def taking_ids(some: Any) -> list[RouteSpec]:
    """Routes whose bodies take ids."""
    kinds = {prefix: f"{prefix}_{'0' * 32}" for prefix in ("dis", "mer", "str", "key", "mem", "txn", "rls")}
    return [spec for spec in some if schema_of(spec) and any(prefix_of(one) for _, one in places(spec, kinds))]


@named(taking_ids(TENANTS))
@pytest.mark.usefixtures("unchanged")
def test_an_id_of_another_district_in_a_body_names_nothing(spec: RouteSpec, worlds: tuple[World, World]) -> None:
    own, other = worlds
    for place, prefix in ids_in(spec, own):
        for foreign in (other.ids[prefix], f"{prefix}_{'0' * 32}"):
            check_foreign(spec, own, own.district.key, place, prefix, foreign)


@named(taking_ids(specs(operator=False, alliance_only=False)))
@pytest.mark.usefixtures("unchanged")
def test_an_id_of_another_shop_in_a_body_names_nothing(spec: RouteSpec, worlds: tuple[World, World]) -> None:
    own = worlds[0]
    for place, prefix in ids_in(spec, own):
        if prefix not in DISTRICT_WIDE | EVERY_MEMBER_MAY_BE_NAMED:
            for key in own.shop_keys_of(spec):
                check_foreign(spec, own, key, place, prefix, own.other_shops[prefix])


def filters(spec: RouteSpec, world: World) -> Iterator[tuple[str, str, str]]:
    """The id filters of a route's query, their kinds, and what else the query needs."""
    assert spec.query is not None
    needed = {
        name: sample(one, world.ids)
        for name, one in spec.query.fields.items()
        if one.required and not isinstance(one, Id)
    }
    rest = "".join(f"&{name}={value}" for name, value in needed.items())
    for name, one in spec.query.fields.items():
        if isinstance(one, Id):
            yield name, one.prefix, rest


def check_nothing_shown(reply: Reply) -> None:
    """A filter that names nothing finds nothing."""
    if reply.status == 200:
        assert (reply.body["data"], reply.body["has_more"]) == ([], False)
    else:
        check_problem(reply, 404, "not-found")


@named(spec for spec in TENANTS if spec.query)
@pytest.mark.usefixtures("only_read")
def test_a_filter_by_another_district_s_id_finds_nothing(spec: RouteSpec, worlds: tuple[World, World]) -> None:
    own, other = worlds
    for name, prefix, rest in filters(spec, own):
        reply = call(spec, own, own.district.key, query=f"?{name}={other.ids[prefix]}{rest}")
        if name in ("starting_after", "ending_before"):
            shown = reply.ok(200)["data"]
            assert not {row["id"] for row in shown} & set(other.ids.values())
        else:
            check_nothing_shown(reply)


@named(spec for spec in specs(operator=False, alliance_only=False) if spec.query)
@pytest.mark.usefixtures("only_read")
def test_a_filter_by_another_shop_s_id_shows_nothing_of_it(spec: RouteSpec, worlds: tuple[World, World]) -> None:
    own = worlds[0]
    for name, prefix, rest in filters(spec, own):
        if prefix not in DISTRICT_WIDE and name not in ("starting_after", "ending_before"):
            for key in own.shop_keys_of(spec):
                check_nothing_shown(call(spec, own, key, query=f"?{name}={own.other_shops[prefix]}{rest}"))


@named(ALL)
@pytest.mark.usefixtures("unchanged")
def test_every_answer_names_its_request(spec: RouteSpec, worlds: tuple[World, World]) -> None:
    path = path_of(spec, worlds[0].ids)
    for given, answered in (("till-7:1.b", True), ("a b", False), ("x" * 101, False), ("", False)):
        refused = worlds[0].district.api.call(spec.method, path, {}, key=None, headers={"Request-Id": given})
        assert (check_problem(refused, 401).headers["Request-Id"] == given) == answered


@named(ALL)
@pytest.mark.usefixtures("context")
def test_the_bodies_made_here_are_those_that_routes_accept(spec: RouteSpec, worlds: tuple[World, World]) -> None:
    """Or a refusal above might come for another reason than the one that is looked for."""
    schema = schema_of(spec)
    for whole in (False, True):
        body = body_of(spec, worlds[0].ids, whole=whole)
        if schema is not None:
            item = body[spec.batch.name][0] if spec.batch else body
            assert schema.validate(item) == {}


def test_every_schema_bounds_its_work() -> None:
    """Objects refuse many unknown fields at once, lists stop at their flaws: only these kinds do (docs/decisions/0028)."""

    def parts(one: Any) -> Iterator[Any]:
        yield one
        inner = one.fields.values() if isinstance(one, Schema) else ()
        if isinstance(one, fields.List):
            inner = (one.inner,)
        elif isinstance(one, fields.Nested):
            inner = (one.schema,)
        for part in inner:
            yield from parts(part)

    for spec in SPECS:
        for schema in (spec.body, spec.query, spec.batch and spec.batch.schema):
            for part in parts(schema) if schema else ():
                assert isinstance(part, Body | StrictField | ListOf | Object), (spec.rule, part)

"""Random JSON for every route: an answer below 500, whatever it is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.config import Settings
from app.foundation.http.fields import Nothing
from app.foundation.http.routing import RouteSpec
from tests.factories.api import Api, Reply
from tests.factories.nasty import ODD
from tests.factories.problems import check_problem
from tests.factories.specs import SPECS, body_of, name_of, path_of, places, schema_of, with_value
from tests.factories.worlds import World, new_world

TAKING = [spec for spec in SPECS if schema_of(spec)]
WITH_FIELDS = [spec for spec in TAKING if not isinstance(spec.body, Nothing)]
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=300)
    | st.sampled_from(ODD)
)
JSON = st.recursive(
    LEAVES, lambda one: st.lists(one, max_size=4) | st.dictionaries(st.text(max_size=20), one, max_size=4)
)
QUIETLY = settings(
    max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


@pytest.fixture(scope="module")
def world(app: Flask, settings: Settings) -> World:
    """A district for all the tests here."""
    return new_world(Api.inside(app, settings.operator_key))


def send(spec: RouteSpec, world: World, body: Any) -> Reply:
    api = world.district.api
    return api.call(spec.method, path_of(spec, world.ids), key=world.key_of(spec), data=json.dumps(body).encode())


def check_answered(reply: Reply) -> None:
    assert reply.status < 500, reply.body
    if reply.status >= 400:
        check_problem(reply)


@pytest.mark.parametrize("spec", TAKING, ids=name_of)
def test_anything_as_a_body(spec: RouteSpec, world: World) -> None:
    @QUIETLY
    @given(JSON)
    def check(body: Any) -> None:
        check_answered(send(spec, world, body))

    check()


@pytest.mark.parametrize("spec", WITH_FIELDS, ids=name_of)
def test_anything_in_some_fields(spec: RouteSpec, world: World) -> None:
    whole = [body_of(spec, world.ids, whole=choice) for choice in (False, True)]
    fields = [place for place, _ in places(spec, world.ids)]

    @QUIETLY
    @given(st.sampled_from(whole), st.lists(st.tuples(st.sampled_from(fields), JSON), min_size=1, max_size=3))
    def check(body: Any, changes: list[tuple[Any, Any]]) -> None:
        for place, value in changes:
            if spec.batch is None or place[0] != spec.batch.name or len(place) > 2:
                body = with_value(body, place, value)
        check_answered(send(spec, world, body))

    check()

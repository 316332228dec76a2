"""Requests made from the contract's document, right and wrong: no failure of ours, no answer that isn't documented.

Ids in them are those of a district that exists, so that they lead somewhere: called with its own keys, and with one of
another district, which reaches nothing. `SCHEMATHESIS_EXAMPLES=200` looks longer.
"""

from __future__ import annotations

import os
import re
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.config import Settings
from app.foundation.http.contract.openapi import path_of
from app.foundation.http.routing import ANYONE, OPERATOR, SHOPPER, STAFF, RouteSpec
from tests.factories.api import Api
from tests.factories.districts import District, new_district
from tests.factories.specs import SPECS, name_of, prefixes_in
from tests.factories.worlds import World, new_world

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "2"))
ID = re.compile(r"([a-z]{3})_[0-9a-f]{32}")
NAMED = {"slug", "code"}
"""What paths name otherwise than by an id."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
BRIEFLY = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def schema(app: Flask) -> Any:
    """The document as this application serves it."""
    return schemathesis.openapi.from_wsgi("/openapi.json", app)


@pytest.fixture(scope="module")
def world(app: Flask, settings: Settings) -> World:
    """A district with one of everything."""
    return new_world(Api.inside(app, settings.operator_key))


@pytest.fixture(scope="module")
def foreigner(app: Flask, settings: Settings) -> District:
    """Another district."""
    return new_district(Api.inside(app, settings.operator_key))


def with_ids(value: Any, ids: dict[str, str]) -> Any:
    """A value in which ids are those of things that exist."""
    if isinstance(value, dict):
        return {key: with_ids(one, ids) for key, one in value.items()}
    if isinstance(value, list):
        return [with_ids(one, ids) for one in value]
    if isinstance(value, str) and (found := ID.fullmatch(value)):
        return ids.get(found[1], value)
    return value


def send(case: Case, key: str, ids: dict[str, str]) -> int:
    """Sends a request, holds the answer against the document, and gives its status."""
    case.body = with_ids(case.body, ids)
    case.path_parameters = with_ids(case.path_parameters, ids)
    if case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE:
        case.path_parameters.update({name: ids[name] for name in NAMED & case.path_parameters.keys()})
    case.query = with_ids(case.query, ids)
    answer = case.call_and_validate(headers={"Authorization": f"Bearer {key}"}, checks=CHECKS)
    return int(answer.status_code)


@pytest.mark.parametrize("mode", GenerationMode, ids=lambda mode: mode.value)
@pytest.mark.parametrize("spec", SPECS, ids=name_of)
def test_what_the_document_leads_to(
    spec: RouteSpec, mode: GenerationMode, schema: Any, world: World, foreigner: District
) -> None:
    operation = schema[path_of(spec)][spec.method]
    shop_s = (world.merchant_key,) if spec.scope not in (OPERATOR, SHOPPER, STAFF) else ()
    keys = (world.key_of(spec), *shop_s, *((world.token,) if spec.shopper else ()))

    @BRIEFLY
    @given(operation.as_strategy(generation_mode=mode))
    def check(case: Case) -> None:
        for key in keys:
            send(case, key, world.ids)
        refused = send(case, foreigner.key, world.ids)
        assert refused >= 400 or not prefixes_in(spec) or spec.scope == ANYONE

    check()

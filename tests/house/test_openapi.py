"""The contract's document is valid, complete and exact; its examples are what its schemas say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import OpenAPIV31SpecValidator

from app.foundation.http.contract.examples import example_of
from app.foundation.http.contract.openapi import path_of
from app.foundation.http.contract.shapes import Shape
from app.foundation.http.routing import ANYONE, OPERATOR, SHOPPER, STAFF, TILL, RouteSpec
from app.foundation.problems import DomainError
from app.messaging.answers import ENDPOINT
from app.transactions.answers import TRANSACTION
from tests.factories.contract import contract
from tests.factories.specs import SPECS, name_of

ROOT = Path(__file__).parents[2]
WHOLE = contract().whole
ANSWERED = {"Content-Type": "application/json", "Request-Id": "r1"}
Json = dict[str, Any]


def operations() -> Iterator[tuple[str, Json]]:
    """Every operation, by method and path."""
    for path, methods in WHOLE["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def response_of(node: Json) -> Json:
    found: Json = WHOLE["components"]["responses"][node["$ref"].rsplit("/", 1)[1]] if "$ref" in node else node
    return found


def contents() -> Iterator[tuple[str, Json]]:
    """Every body, asked or answered, with its schema and examples."""
    for name, operation in operations():
        for kind, media in operation.get("requestBody", {"content": {}})["content"].items():
            yield f"{name} {kind}", media
        for status, response in operation["responses"].items():
            for kind, media in response_of(response)["content"].items():
                yield f"{name} {status} {kind}", media


def check(schema: Shape, value: Any) -> None:
    whole = {**schema, "components": WHOLE["components"]}
    Draft202012Validator(whole, format_checker=FormatChecker()).validate(value)


def test_the_document_is_valid() -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(WHOLE).iter_errors()] == []


def test_it_says_what_the_application_has(app: Flask) -> None:
    converted = re.compile(r"<(?:\w+:)?(\w+)>")
    routed = {
        (method, converted.sub(r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/v1")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routed == {(method.upper(), path) for path, methods in WHOLE["paths"].items() for method in methods}


@pytest.mark.parametrize("spec", SPECS, ids=name_of)
def test_a_route_says_what_it_answers(spec: RouteSpec) -> None:
    operation = WHOLE["paths"][path_of(spec)][spec.method.lower()]
    assert spec.answers, "declare `answers`"
    assert set(spec.answers) <= set(range(200, 300))
    assert operation["summary"], "write a docstring"
    assert operation["x-scope"] == spec.scope
    assert spec.scope in (OPERATOR, SHOPPER, STAFF, TILL, ANYONE) or f"`{spec.scope}`" in operation["description"]
    takes_token = {"shopperToken": []} in operation["security"]
    assert takes_token == (spec.shopper or spec.scope == SHOPPER)
    assert ({"tillToken": []} in operation["security"]) == (spec.till is not None)
    assert (operation["security"] == []) == (spec.scope == ANYONE)


def test_operations_have_names_of_their_own() -> None:
    names = [operation["operationId"] for _, operation in operations()]
    assert len(names) == len(set(names))


def test_every_problem_is_one_that_is_known_and_has_its_status() -> None:
    for response in WHOLE["components"]["responses"].values():
        media = response["content"]["application/problem+json"]
        narrowed = media["schema"]["allOf"][1]["properties"]
        assert narrowed["code"]["enum"] == sorted(media["examples"])
        for code in narrowed["code"]["enum"]:
            assert DomainError.known[code].status == narrowed["status"]["const"]
            assert (ROOT / "docs" / "problems" / f"{code}.md").exists()


def test_every_known_problem_may_come_from_somewhere() -> None:
    documented = {
        code
        for response in WHOLE["components"]["responses"].values()
        for code in response["content"]["application/problem+json"]["examples"]
    }
    of_pages = {code for code, error in DomainError.known.items() if error.__module__.startswith("app.pages")}
    assert documented == DomainError.known.keys() - of_pages


def test_every_example_is_what_its_schema_says() -> None:
    for place, media in contents():
        examples = [one["value"] for one in media.get("examples", {}).values()] or [media["example"]]
        for example in examples:
            try:
                check(media["schema"], example)
            except Exception as error:
                raise AssertionError(f"{place}: {example}") from error


def test_parameters_have_examples_and_defaults_that_they_accept() -> None:
    for _, operation in operations():
        for one in operation["parameters"]:
            if "$ref" not in one:
                check(one["schema"], one.get("example", example_of(one["schema"])))


def test_the_document_is_served_to_anybody_and_kept(app: Flask) -> None:
    client = app.test_client()
    first = client.get("/openapi.json")
    assert (first.status_code, first.content_type) == (200, "application/json")
    assert first.json == json.loads(json.dumps(WHOLE))
    again = client.get("/openapi.json", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.get_data()) == (304, b"")


def transaction(**changes: Any) -> Json:
    return {**example_of(TRANSACTION), **changes}


PATH = f"/v1/transactions/txn_{'0' * 32}"


def test_an_answer_as_promised_passes() -> None:
    contract().check("GET", PATH, 200, ANSWERED, transaction())


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (201, ANSWERED, transaction()),
        (200, {**ANSWERED, "Content-Type": "text/html"}, transaction()),
        (200, {"Content-Type": "application/json"}, transaction()),
        (200, {**ANSWERED, "Retry-After": "1"}, transaction()),
        (200, ANSWERED, transaction(surprise=1)),
        (200, ANSWERED, {key: value for key, value in transaction().items() if key != "reference"}),
        (200, ANSWERED, transaction(amount=None)),
        (200, ANSWERED, transaction(amount=1.5)),
        (200, ANSWERED, transaction(balance={"available": 1, "pending": 0})),
        (200, ANSWERED, transaction(occurred_at="2026-01-01T20:15:00+08:00")),
        (200, ANSWERED, transaction(status="lost")),
        (200, ANSWERED, example_of(ENDPOINT)),
        (409, {**ANSWERED, "Content-Type": "application/problem+json"}, {}),
    ],
)
def test_an_answer_that_was_not_promised_is_noticed(status: int, headers: dict[str, str], body: Json) -> None:
    with pytest.raises(AssertionError):
        contract().check("GET", PATH, status, headers, body)


def test_answers_at_addresses_that_are_none_are_held_to_it_too() -> None:
    for method, path in (("GET", "/v1/nothing"), ("PUT", PATH)):
        with pytest.raises(AssertionError):
            contract().check(method, path, 200, ANSWERED, {})


def nodes(found: Any, where: str = "") -> Iterator[tuple[str, Json]]:
    """Every object of the document outside examples, and where it stands."""
    if isinstance(found, dict):
        yield where, found
    inner = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()
    for key, one in inner:
        if key not in ("example", "examples"):
            yield from nodes(one, f"{where}/{key}")


def test_schemas_are_objects() -> None:
    """`{"not": {}}` instead of `false`: generators read no other."""
    for where, node in nodes(WHOLE):
        for key in ("properties", "patternProperties", "$defs"):
            for name, one in node.get(key, {}).items():
                assert isinstance(one, dict), f"{where}/{key}/{name}"
        assert not {True, False} & {one for one in (node.get("items"), node.get("not")) if isinstance(one, bool)}, where


def test_no_default_is_an_empty_object() -> None:
    """It says nothing, and a generator leaves out every call whose body has one."""
    for where, node in nodes(WHOLE):
        assert node.get("default") != {}, where


def test_patterns_are_such_as_every_engine_takes() -> None:
    r"""No `\u0000`, no looking around, no back references: RE2 has none of them, and each has an equal without."""
    for where, node in nodes(WHOLE):
        if isinstance(node.get("pattern"), str):
            assert not re.search(r"\\u|\\[1-9]|\(\?", node["pattern"]), where

"""Those who rely on the released contract are never broken: each kind of break is caught, additions pass."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.factories.breaking import breaks
from tests.factories.contract import contract

RELEASED = Path(__file__).parents[2] / "docs" / "contract" / "released.json"
Json = dict[str, Any]


def released() -> Json:
    """The contract that clients rely on."""
    whole: Json = json.loads(RELEASED.read_text(encoding="utf-8"))
    return whole


def test_the_contract_keeps_what_was_released() -> None:
    assert breaks(released(), contract().whole) == []


def test_a_contract_doesn_t_break_itself() -> None:
    assert breaks(contract().whole, contract().whole) == []


def schemas(whole: Json, name: str) -> Json:
    """A named shape."""
    found: Json = whole["components"]["schemas"][name]
    return found


def properties(whole: Json, name: str) -> Json:
    found: Json = schemas(whole, name)["properties"]
    return found


def operation(whole: Json, method: str, path: str) -> Json:
    found: Json = whole["paths"][path][method]
    return found


def rename(some: Json, old: str, new: str) -> None:
    some[new] = some.pop(old)


def forget(some: list[Any], value: Any) -> None:
    some.remove(value)


def parameter(whole: Json, path: str, name: str) -> Json:
    """A parameter of a list."""
    [found] = [one for one in operation(whole, "get", path)["parameters"] if one.get("name") == name]
    named: Json = found
    return named


Change = Callable[[Json], Any]
BREAKS: dict[str, tuple[Change, str]] = {
    "a path removed": (lambda one: one["paths"].pop("/v1/stores/{store_id}"), "GET /v1/stores/{store_id}: removed"),
    "a path renamed": (lambda one: rename(one["paths"], "/v1/stores", "/v1/shops"), "POST /v1/stores: removed"),
    "a method removed": (lambda one: one["paths"]["/v1/stores"].pop("post"), "POST /v1/stores: removed"),
    "a status removed": (
        lambda one: rename(operation(one, "post", "/v1/stores")["responses"], "201", "200"),
        "POST /v1/stores 201: no longer answered",
    ),
    "a problem removed": (
        lambda one: narrowed_codes(one, "CodeTakenOrConflict").remove("code-taken"),
        "['code-taken'] no longer answered",
    ),
    "a property removed": (lambda one: properties(one, "Member").pop("number"), ".number: no longer answered"),
    "a property renamed": (
        lambda one: rename(properties(one, "Transaction"), "paid_amount", "paid"),
        ".paid_amount: no longer answered",
    ),
    "a property that may be missing": (
        lambda one: forget(schemas(one, "Member")["required"], "number"),
        ".number: no longer always there",
    ),
    "a property that may be null": (
        lambda one: properties(one, "Member")["number"].update(type=["string", "null"]),
        ".number: ['string', 'null'] instead of ['string']",
    ),
    "an object that may be null": (
        lambda one: properties(one, "Points").update(lifetime=nullable(properties(one, "Points")["lifetime"])),
        ".lifetime: ['object', 'null'] instead of ['object']",
    ),
    "a property of another type": (
        lambda one: properties(one, "Store")["area_m2"].update(type=["string", "null"]),
        ".area_m2: ['string', 'null'] instead of ['integer', 'null']",
    ),
    "an answer's form loosened": (
        lambda one: properties(one, "Store")["created_at"].pop("pattern"),
        ".created_at: pattern None instead of",
    ),
    "an answer's range widened": (
        lambda one: properties(one, "Transaction")["amount"].pop("minimum"),
        ".amount: minimum 0, None",
    ),
    "a value of an answer removed": (
        lambda one: forget(properties(one, "RuleOutcome")["outcome"]["enum"], "skipped"),
        "['skipped'] no longer answered",
    ),
    "a kind renamed": (
        lambda one: properties(one, "Store")["object"].update(const="shop"),
        ".object: ['store'] no longer answered",
    ),
    "an alternative in an answer": (
        lambda one: schemas(one, "TransactionResult")["oneOf"].append({"type": "object", "properties": {}}),
        "another alternative is answered",
    ),
    "a header removed": (
        lambda one: operation(one, "post", "/v1/stores")["responses"]["201"]["headers"].pop("Idempotent-Replayed"),
        "header Idempotent-Replayed removed",
    ),
    "another content type": (
        lambda one: rename(
            operation(one, "get", "/v1/stores")["responses"]["200"]["content"], "application/json", "text/json"
        ),
        "no longer as application/json",
    ),
    "a new required field": (
        lambda one: schemas(one, "StoreBody")["required"].append("zone"),
        "POST /v1/stores body.zone: required now",
    ),
    "a field removed": (lambda one: properties(one, "StoreBody").pop("zone"), ".zone: no longer accepted"),
    "a field that may no longer be null": (
        lambda one: properties(one, "StoreBody")["zone"].update(type="string"),
        ".zone: ['string'] instead of ['string', 'null']",
    ),
    "a shorter text": (lambda one: properties(one, "StoreBody")["name"].update(maxLength=99), "maxLength 99, 100"),
    "a longer least text": (lambda one: properties(one, "StoreBody")["name"].update(minLength=2), "minLength 2, 1"),
    "a smaller range": (lambda one: properties(one, "SaleBody")["amount"].update(minimum=1), "minimum 1, 0"),
    "a new limit": (lambda one: properties(one, "SaleBody")["metadata"].update(maxProperties=9), "maxProperties 9, 50"),
    "fewer items": (
        lambda one: properties(one, "SaleBody")["items"].update(maxItems=100),
        "POST /v1/transactions/batch body.transactions[].items: maxItems 100, 500",
    ),
    "another pattern": (
        lambda one: properties(one, "SaleBody")["store_id"].update(pattern="^store_"),
        ".store_id: pattern ^store_ instead of ^str_",
    ),
    "a choice removed": (
        lambda one: forget(properties(one, "DistrictBody")["currency"]["enum"], "EUR"),
        ".currency: ['EUR'] no longer accepted",
    ),
    "choices where anything was": (
        lambda one: properties(one, "StoreBody")["zone"].update(enum=["east"]),
        ".zone: values are no longer accepted",
    ),
    "another default": (
        lambda one: properties(one, "DistrictBody")["mode"].update(default="sandbox"),
        ".mode: another default",
    ),
    "an alternative removed": (
        lambda one: schemas(one, "RuleBody")["oneOf"].pop(),
        "an alternative is no longer accepted",
    ),
    "a new exclusion": (
        lambda one: schemas(one, "StoreBody").update({"not": {"required": ["zone", "area_m2"]}}),
        "something more is refused",
    ),
    "a new demand": (
        lambda one: schemas(one, "SaleBody")["allOf"].append({"required": ["channel"]}),
        "something more is demanded",
    ),
    "old fields that no longer go together": (
        lambda one: schemas(one, "SaleBody")["allOf"].append({"not": {"required": ["channel", "items"]}}),
        "something more is demanded",
    ),
    "metadata closed": (
        lambda one: properties(one, "SaleBody")["metadata"].update(additionalProperties=False),
        "something more is refused",
    ),
    "a body demanded": (
        lambda one: operation(one, "post", "/v1/rule-sets/{rule_set_id}/publish")["requestBody"].update(required=True),
        "body: required now",
    ),
    "a body where none was": (
        lambda one: operation(one, "post", "/v1/webhook-deliveries/{delivery_id}/replay").update(
            requestBody={"required": True, "content": {}}
        ),
        "body: new and required",
    ),
    "a filter removed": (
        lambda one: forget(
            operation(one, "get", "/v1/stores")["parameters"], parameter(one, "/v1/stores", "merchant_id")
        ),
        "query merchant_id: parameter removed",
    ),
    "a filter demanded": (
        lambda one: parameter(one, "/v1/stores", "merchant_id").update(required=True),
        "query merchant_id: required now",
    ),
    "a new filter demanded": (
        lambda one: operation(one, "get", "/v1/stores")["parameters"].append(
            {"name": "colour", "in": "query", "required": True, "schema": {"type": "string"}}
        ),
        "query colour: new and required",
    ),
    "smaller pages": (
        lambda one: parameter(one, "/v1/stores", "limit")["schema"].update(maximum=50),
        "query limit: maximum 50, 100",
    ),
    "another scope": (
        lambda one: operation(one, "get", "/v1/stores").update({"x-scope": "figures:read"}),
        "needs the scope figures:read instead of merchants:read",
    ),
    "for the alliance only": (
        lambda one: operation(one, "get", "/v1/stores").update({"x-alliance-only": True}),
        "is for keys of the whole district only",
    ),
}


def narrowed_codes(whole: Json, name: str) -> list[str]:
    """The codes that an answer of problems may have."""
    schema = whole["components"]["responses"][name]["content"]["application/problem+json"]["schema"]
    codes: list[str] = schema["allOf"][1]["properties"]["code"]["enum"]
    return codes


def nullable(shape: Json) -> Json:
    return {"anyOf": [shape, {"type": "null"}]}


@pytest.mark.parametrize("name", BREAKS)
def test_a_break_is_caught(name: str) -> None:
    change, words = BREAKS[name]
    newer = copy.deepcopy(contract().whole)
    change(newer)
    found = breaks(contract().whole, newer)
    assert any(words in one for one in found), found


ADDITIONS: dict[str, Change] = {
    "a path": lambda one: one["paths"].update({"/v1/shops": one["paths"]["/v1/stores"]}),
    "a method": lambda one: one["paths"]["/v1/stores"].update(delete=operation(one, "get", "/v1/stores")),
    "a path's parameter by another name": lambda one: rename(one["paths"], "/v1/stores/{store_id}", "/v1/stores/{id}"),
    "a property of an answer": lambda one: properties(one, "Store").update(floor={"type": "string"}),
    "one that is always there": lambda one: schemas(one, "RuleOutcome")["required"].append("code"),
    "never null any more": lambda one: properties(one, "Store")["zone"].update(type="string"),
    "a value of an answer": lambda one: properties(one, "Transaction")["status"]["enum"].append("voided"),
    "a problem": lambda one: narrowed_codes(one, "CodeTakenOrConflict").append("store-closed"),
    "a status": lambda one: operation(one, "post", "/v1/stores")["responses"].update(
        {"202": operation(one, "post", "/v1/stores")["responses"]["201"]}
    ),
    "an optional field": lambda one: properties(one, "StoreBody").update(floor={"type": "string"}),
    "a new field that doesn't go with an old one": lambda one: (
        properties(one, "SaleBody").update(card={"type": "string"}),
        schemas(one, "SaleBody")["allOf"].append({"not": {"required": ["card", "phone"]}}),
    ),
    "a field that may be left out": lambda one: forget(schemas(one, "StoreBody")["required"], "name"),
    "a field that may be null": lambda one: properties(one, "StoreBody")["name"].update(type=["string", "null"]),
    "a longer text": lambda one: properties(one, "StoreBody")["name"].update(maxLength=200),
    "no limit": lambda one: properties(one, "StoreBody")["name"].pop("maxLength"),
    "a choice": lambda one: properties(one, "DistrictBody")["currency"]["enum"].append("JPY"),
    "an alternative": lambda one: schemas(one, "RuleBody")["oneOf"].append({"required": ["sku"]}),
    "an exclusion fewer": lambda one: schemas(one, "SaleBody")["allOf"].pop(),
    "an optional filter": lambda one: operation(one, "get", "/v1/stores")["parameters"].append(
        {"name": "zone", "in": "query", "required": False, "schema": {"type": "string"}}
    ),
    "for shops, too": lambda one: operation(one, "post", "/v1/stores").update({"x-alliance-only": False}),
    "other words": lambda one: operation(one, "get", "/v1/stores").update(summary="Show stores", description=""),
}


@pytest.mark.parametrize("name", ADDITIONS)
def test_an_addition_passes(name: str) -> None:
    newer = copy.deepcopy(contract().whole)
    ADDITIONS[name](newer)
    assert newer != contract().whole
    assert breaks(contract().whole, newer) == []

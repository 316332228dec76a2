"""The SDK knows every operation that a key may call: all that may be given, and all that is answered."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

import pytest

import merchant_sdk
from merchant_sdk import Client
from merchant_sdk._answers.reading import Answer
from tests.factories.contract import Json, contract
from tests.factories.sdk_calls import CALLS, OTHER_WAYS, call, operations, successes

OTHERS_OWN = {
    "take_provider_event",
    "list_offers",
    "ask_for_code",
    "sign_in",
    "refresh",
    "revoke",
    "get_me",
    "change_phone",
    "get_code_key",
    "rotate_code_key",
    "draw_code",
    "claim_receipt",
    "list_sessions",
    "get_session",
    "end_session",
    "end_other_sessions",
    "prove",
    "pair_till",
    "get_own_till",
    "renew_token",
    "open_shift",
    "close_shift",
    "get_phone_change",
    "cancel_phone_change",
    "open_case",
    "withdraw_case",
}
"""What phones of shoppers and tills call, and no key may."""
STAFFS_OWN = {
    "sign_in_staff",
    "ask_for_staff_code",
    "sign_in_staff_by_code",
    "give_second_factor",
    "reset_password",
    "accept_invitation",
    "take_up_invitation",
    "list_staff_sessions",
    "end_staff_session",
    "end_other_staff_sessions",
    "get_staff_me",
    "choose_district",
    "step_up",
    "change_password",
    "see_staff_notices",
    "start_totp",
    "confirm_totp",
    "remove_totp",
    "list_passkeys",
    "ask_for_passkey",
    "add_passkey",
    "remove_passkey",
    "make_recovery_codes",
}
"""What people of staff do in their own matters."""
README = Path(merchant_sdk.__file__).parent / "README.md"
OF_PAGES = {"limit", "starting_after", "ending_before"}
PYTHON = {
    "integer": {int},
    "number": {float},
    "boolean": {bool},
    "array": {tuple},
    "object": {Mapping},
    "string": {str, Decimal},
}
FORMATS = {"date-time": {datetime}, "date": {date}}


def missing(whole: Json) -> set[str]:
    """Operations of a document that the SDK doesn't call, though a key may."""
    return operations(whole).keys() - CALLS.keys() - OTHERS_OWN - STAFFS_OWN


def test_the_sdk_calls_every_operation() -> None:
    assert missing(contract().whole) == set()
    assert CALLS.keys() <= operations(contract().whole).keys()


def test_a_new_operation_is_missed() -> None:
    whole = copy.deepcopy(contract().whole)
    whole["paths"]["/v1/vouchers"] = {"get": {"operationId": "list_vouchers"}}
    assert missing(whole) == {"list_vouchers"}


def test_only_what_no_key_may_call_is_left_out() -> None:
    keyless = {
        name
        for name, one in operations(contract().whole).items()
        if not any("apiKey" in way for way in one["security"])
    }
    assert keyless == OTHERS_OWN | STAFFS_OWN


def told_in_the_readme() -> Mapping[str, set[str]]:
    """Methods by resource; a row that names none belongs to the one above."""
    rows = re.findall(r"^\| (?:`(\w+)` )?\| ((?:`\w+`[^`|]*)+) \|", README.read_text(encoding="utf-8"), re.MULTILINE)
    told: dict[str, set[str]] = {}
    resource = ""
    for name, methods in rows:
        resource = name or resource
        told.setdefault(resource, set()).update(re.findall(r"`(\w+)`", methods))
    return told


def test_the_readme_names_every_method() -> None:
    with Client("sk_test_1", "http://quantong.test") as client:
        resources = {name: one for name, one in vars(client).items() if not name.startswith("_")}
    told = told_in_the_readme()
    for name, resource in resources.items():
        assert told.get(name) == {one for one in dir(resource) if not one.startswith("_")}, name


@pytest.mark.parametrize("name", sorted(CALLS))
def test_a_call_can_say_all_that_the_operation_takes(name: str) -> None:
    asked, _ = call(name)
    assert asked.operation["operationId"] == name
    assert (asked.key is not None) == (name in posts())
    query = {one["name"] for one in asked.operation["parameters"] if one.get("in") == "query"}
    assert asked.query.keys() - OF_PAGES == query - OF_PAGES
    assert ("limit" in asked.query) <= ("limit" in query)
    content = asked.operation.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        other = call(name, OTHER_WAYS)[0].body if name in OTHER_WAYS else {}
        check_whole(content["application/json"]["schema"], {**asked.body, **other})
    else:
        assert asked.body is None


def posts() -> set[str]:
    """The operations that are POSTs."""
    return {methods["post"]["operationId"] for methods in contract().whole["paths"].values() if "post" in methods}


def check_whole(schema: Json, body: Json) -> None:
    """Every field is given, each as the document has it; of a batch, every field of what is in it."""
    properties = contract().named(schema)["properties"]
    assert body.keys() == properties.keys()
    if len(body) == 1 and isinstance(rows := next(iter(body.values())), list):
        [listed] = properties.values()
        check_whole(listed["items"], rows[0])
    else:
        for name, value in body.items():
            contract().check_value(properties[name], value, name)


Shapes = dict[type[Answer], list[Json]]


@cache
def shapes() -> Shapes:
    """The shapes of the document that each typed answer is read from."""
    found: Shapes = {}
    for name in CALLS:
        asked, given = call(name)
        for _, response in successes(asked.operation):
            media = response["content"].get("application/json")
            if media and isinstance(given, Answer):
                gather(found, type(given), contract().named(media["schema"]))
    return found


def gather(found: Shapes, kind: type[Answer], shape: Json) -> None:
    """Adds a shape and those within it; a list that is no more than one stands for what is in it."""
    is_list = shape["properties"].get("object", {}).get("const") == "list"
    if is_list and shape["properties"].keys() == {"object", "data", "has_more"}:
        shape = contract().named(shape["properties"]["data"]["items"])
    if shape not in found.setdefault(kind, []):
        found[kind].append(shape)
        for name, hint in hints_of(kind).items():
            for inner in answers_in(hint) if name in shape["properties"] else ():
                gather(found, inner, contract().named(unwrapped(shape["properties"][name])))


def hints_of(kind: type[Answer]) -> Mapping[str, Any]:
    """The types of an answer's fields by their names on the wire."""
    hints = get_type_hints(kind)
    return {one.metadata.get("name", one.name): hints[one.name] for one in fields(kind) if one.name != "raw"}


def answers_in(hint: Any) -> Iterator[type[Answer]]:
    """The typed answers within a type."""
    if isinstance(hint, type) and issubclass(hint, Answer):
        yield hint
    for inner in get_args(hint):
        yield from answers_in(inner)


def unwrapped(shape: Json) -> Json:
    """A shape without null, of an array that of its items."""
    if "anyOf" in shape:
        [shape] = [one for one in shape["anyOf"] if one != {"type": "null"}]
    found: Json = shape.get("items", shape)
    return found


EXPORTED = sorted(
    name
    for name in merchant_sdk.__all__
    if isinstance(one := getattr(merchant_sdk, name), type) and issubclass(one, Answer)
)


@pytest.mark.parametrize("name", EXPORTED)
def test_an_answer_has_the_fields_of_the_document(name: str) -> None:
    kind = getattr(merchant_sdk, name)
    told = {one for shape in shapes()[kind] for one in shape["properties"]} - {"object"}
    assert hints_of(kind).keys() == told


@pytest.mark.parametrize("name", EXPORTED)
def test_their_types_are_those_of_the_document(name: str) -> None:
    kind = getattr(merchant_sdk, name)
    for shape in shapes()[kind]:
        for wire_name, hint in hints_of(kind).items():
            if wire_name in shape["properties"]:
                assert admits(hint, shape["properties"][wire_name]), (wire_name, hint)


def admits(hint: Any, shape: Json) -> bool:
    """Whether a type can hold what a shape describes."""
    kinds = set(get_args(hint)) or {hint}
    if get_origin(hint) in (tuple, Mapping):
        kinds = {hint}
    plain = {get_origin(one) or one for one in kinds}
    is_null = {"type": "null"} in shape.get("anyOf", ()) or "null" in shape.get("type", ())
    shape = contract().named(next((one for one in shape.get("anyOf", ()) if one != {"type": "null"}), shape))
    [type_name] = {shape["type"]} if isinstance(shape["type"], str) else set(shape["type"]) - {"null"}
    expected = FORMATS.get(shape.get("format", "")) or PYTHON[type_name]
    is_answer = type_name == "object" and any(isinstance(one, type) and issubclass(one, Answer) for one in plain)
    return (is_answer or bool(plain & expected)) and (not is_null or NoneType in plain)

"""Names that are compared show all of their characters; nothing that is read hides what it says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.conftest import OPERATOR_KEY
from tests.factories.api import Api, Reply
from tests.factories.districts import District, new_district
from tests.factories.problems import check_problem

HIDDEN = "\u200b\ufeff\u3000\u2003\u2028\u00ad\u2060\u202e\u2066\u3164\u2800\ufe0f\u034f\U000e0041\U000e0100\ue000"
pytestmark = pytest.mark.usefixtures("nothing_changes")


@pytest.fixture(scope="module")
def district(app: Flask) -> District:
    """One for all the tests here, which none changes."""
    return new_district(Api.inside(app, OPERATOR_KEY))


Send = Callable[[District, str], Reply]


def sale(name: str) -> Send:
    return lambda district, text: district.report(**{name: text})


def refund(name: str) -> Send:
    body = {"transaction_reference": "T1", "reference": "R1", "amount": 1}
    return lambda district, text: district.api.post("/v1/refunds", {**body, name: text}, district.shop.key)


def merchant(district: District, text: str) -> Reply:
    return district.api.post("/v1/merchants", {"name": "x", "code": text}, district.key)


def store(district: District, text: str) -> Reply:
    body = {"merchant_id": district.shop.merchant_id, "name": "x", "code": text}
    return district.api.post("/v1/stores", body, district.key)


def identity(name: str) -> Send:
    def send(district: District, text: str) -> Reply:
        one = {"kind": "wechat_openid", "value": "o1", name: text}
        return district.api.post("/v1/members", {"phone": "13800138000", "identities": [one]}, district.key)

    return send


COMPARED: dict[str, tuple[Send, str]] = {
    "a sale's reference": (sale("reference"), "/reference"),
    "a payment's reference": (sale("payment_reference"), "/payment_reference"),
    "a refund's reference": (refund("reference"), "/reference"),
    "the reference of its sale": (refund("transaction_reference"), "/transaction_reference"),
    "a merchant's code": (merchant, "/code"),
    "a store's code": (store, "/code"),
    "an identity": (identity("value"), "/identities/0/value"),
    "an identity's kind": (identity("kind"), "/identities/0/kind"),
}


@pytest.mark.parametrize("character", HIDDEN, ids=ascii)
@pytest.mark.parametrize("name", COMPARED)
def test_hidden_characters_make_no_second_name(district: District, name: str, character: str) -> None:
    """One receipt has one reference: what the eye can't tell apart is refused, not counted again."""
    send, pointer = COMPARED[name]
    for text in (character, f"A101-0001{character}", f"{character}A101-0001"):
        check_flaw(send(district, text), pointer)


def check_flaw(reply: Reply, pointer: str) -> Any:
    problem = check_problem(reply, 422, "validation-failed")
    assert [(flaw["pointer"], flaw["code"]) for flaw in problem.body["errors"]] == [(pointer, "invalid-characters")]
    return problem


@pytest.mark.parametrize("key", ["a\u00a0b", "\u00efbb", "é", "a\u00ad"], ids=ascii)
def test_an_idempotency_key_is_of_visible_ascii(district: District, key: str) -> None:
    """A key that looks like another is none."""
    check_problem(district.report(idempotency_key=key), 400, "bad-request")


@pytest.mark.parametrize("character", "\u202a\u202d\u202e\u2066\u2068\0\x1b", ids=ascii)
def test_a_name_can_not_turn_what_stands_beside_it(district: District, character: str) -> None:
    """What turns the order of reading shows another name, or another amount, than is stored."""
    name = f"王{character}芳"
    check_flaw(district.api.post("/v1/members", {"phone": "13800138000", "name": name}, district.key), "/name")
    check_flaw(district.report(items=[{"name": name, "amount": 1}]), "/items/0/name")
    check_problem(district.report(metadata={"cashier": name}), 422, "validation-failed")

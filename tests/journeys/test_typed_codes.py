"""Codes as scanners read them and people type them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.factories.codes import Phone, new_phone_of, resolve
from tests.factories.districts import District, new_phone
from tests.factories.shoppers import MEMBERSHIP, ask, code_of, prove

pytestmark = pytest.mark.usefixtures("context")

WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
AS_SCANNED: dict[str, Callable[[str], str]] = {
    "CR": lambda code: code + "\r",
    "CR LF": lambda code: code + "\r\n",
    "TAB": lambda code: code + "\t",
    "Code 128": lambda code: "]C1" + code,
    "QR": lambda code: "]Q1" + code + "\n",
    "hyphens": lambda code: f"{code[:2]}-{code[2:12]}-{code[12:]}",
    "spaces": lambda code: f"{code[:2]} {code[2:12]} {code[12:]}",
    "wide spaces": lambda code: f"{code[:2]}\u3000{code[2:12]}\u3000{code[12:]}",
    "wide digits": lambda code: code.translate(WIDE),
}


@pytest.fixture
def phone(district: District) -> Phone:
    """A member's phone."""
    return new_phone_of(district)


@pytest.mark.parametrize("name", AS_SCANNED)
def test_a_member_code_is_read_as_it_was_scanned_or_typed(district: District, phone: Phone, name: str) -> None:
    code = AS_SCANNED[name](phone.code())
    sale = district.sale(member_code=code)
    assert district.api.post("/v1/transactions/quote", sale, district.key).ok(200)["member_id"] == phone.member_id
    unclaimed = district.report().ok(201)["id"]
    claimed = district.api.post(f"/v1/transactions/{unclaimed}/claim", {"member_code": code}, district.key)
    assert claimed.ok(200)["member_id"] == phone.member_id
    assert district.report(member_code=code).ok(201)["member_id"] == phone.member_id


@pytest.mark.parametrize("name", AS_SCANNED)
def test_it_is_resolved_so_too(district: District, phone: Phone, name: str) -> None:
    assert resolve(district, AS_SCANNED[name](phone.code())).ok(200)["member"]["id"] == phone.member_id


def test_one_code_is_the_same_buyer_however_it_is_read(district: District, phone: Phone) -> None:
    code = phone.code()
    body = district.sale(member_code=code)
    first = district.api.post("/v1/transactions", body, district.key, "K1").ok(201)
    for read in AS_SCANNED.values():
        again = {**body, "member_code": read(code)}
        assert district.api.post("/v1/transactions", again, district.key).ok(200)["id"] == first["id"]
        assert district.api.post("/v1/transactions", again, district.key, "K1").ok(201)["id"] == first["id"]


def test_what_is_nothing_but_spaces_is_a_wrong_code(district: District) -> None:
    for text in (" ", "---", "\r\n", "]C1"):
        refused = district.report(member_code=text)
        assert (refused.status, refused.pointers) == (404, {"/member_code"})


@pytest.mark.parametrize("around", ["{}\r\n", "\t{}", " {} "], ids=ascii)
def test_a_presence_token_may_end_a_line(district: District, phone: Phone, around: str) -> None:
    token = resolve(district, phone.code()).ok(200)["presence_token"]
    sale = district.report(presence_token=around.format(token)).ok(201)
    assert sale["member_id"] == phone.member_id


@pytest.mark.parametrize("name", [*AS_SCANNED, "in two"])
def test_an_sms_code_is_read_as_it_was_typed(district: District, name: str) -> None:
    read = {
        **AS_SCANNED,
        "hyphens": lambda code: f"{code[:3]}-{code[3:]}",
        "in two": lambda code: f"{code[:3]} {code[3:]}",
    }
    challenge = ask(district, new_phone())
    assert prove(district, challenge, read[name](code_of(challenge)), consents=[MEMBERSHIP]).status == 200

"""A number that went to somebody else brings neither its old member's account nor points to it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories.clock import SetClock
from tests.factories.codes import Phone
from tests.factories.districts import District, new_phone
from tests.factories.points import base_rule, new_version
from tests.factories.shoppers import MEMBERSHIP, ask, prove, sign_in

pytestmark = pytest.mark.usefixtures("context")


def sell(district: District, phone: str, **more: Any) -> Any:
    """A sale by phone alone, at the first shop."""
    return district.report(key=district.shop.key, phone=phone, **more).ok(201)


def test_sales_by_phone_are_no_sign_of_life(timed: District, clock: SetClock) -> None:
    """A till that names the number each month keeps nobody's account for whoever has the number now."""
    phone = new_phone()
    old = timed.member(phone)
    for month in range(6):
        clock.go(30 * month)
        assert sell(timed, phone)["member_id"] == old
    clock.go(181)
    later = sell(timed, phone)
    assert (later["member_id"], later["points_earned"]) == (None, 0)
    assert later["claim_url"]
    new = prove(timed, ask(timed, phone), consents=[MEMBERSHIP]).ok(200)["member_id"]
    assert new != old
    assert timed.balance(old)["lifetime"]["earned"] == 6 * 128
    assert timed.balance(new)["available"] == 128, "what was sold to the number meanwhile"
    assert sell(timed, phone)["member_id"] == new


@pytest.mark.parametrize("by", ["batch", "payment", "quote of the alliance"])
def test_no_other_way_by_phone_leads_to_who_is_silent(timed: District, clock: SetClock, by: str) -> None:
    """In a batch, by a second report of a payment, or in a quote a silent member's number names nobody, too."""
    phone = new_phone()
    timed.member(phone)
    clock.go(200)
    sale = timed.sale(phone=phone)
    if by == "batch":
        [result] = timed.api.post("/v1/transactions/batch", {"transactions": [sale]}, timed.shop.key).ok()["results"]
        told = result["transaction"]
    elif by == "payment":
        timed.report(payment_reference="P-1").ok(201)
        told = timed.report(payment_reference="P-1", phone=phone).ok(200)
    else:
        told = timed.api.post("/v1/transactions/quote", sale, timed.key).ok(200)
    assert (told["member_id"], told["points_earned"]) == (None, 0)


def code_at(clock: SetClock, phone: Phone) -> str:
    return phone.code_at(int(clock().timestamp()))


@pytest.mark.parametrize("proof", ["sign-in", "refresh", "code in a sale", "code resolved", "code in a batch"])
def test_a_proof_of_possession_keeps_the_number(timed: District, clock: SetClock, proof: str) -> None:
    """Each sign-in and each code shown counts for another half year, noted to the day."""
    phone = new_phone()
    clock.go(0)
    tokens = sign_in(timed, phone)
    member = tokens["member_id"]
    key = timed.api.get("/v1/me/code-key", tokens["access_token"]).ok(200)
    shown = Phone(member, key["number"], key["key"])
    clock.go(80)
    if proof == "sign-in":
        sign_in(timed, phone)
    elif proof == "refresh":
        timed.api.post("/v1/auth/refresh", {"refresh_token": tokens["refresh_token"]}, None).ok(200)
    elif proof == "code resolved":
        body = {"code": code_at(clock, shown), "store_id": timed.shop.store_id}
        timed.api.post("/v1/member-codes/resolve", body, timed.shop.key).ok(200)
    elif proof == "code in a sale":
        timed.report(key=timed.shop.key, member_code=code_at(clock, shown)).ok(201)
    else:
        body = {"transactions": [timed.sale(member_code=code_at(clock, shown))]}
        assert timed.api.post("/v1/transactions/batch", body, timed.shop.key).ok()["results"][0]["status"] == 201
    clock.go(259)
    assert sell(timed, phone)["member_id"] == member
    assert sign_in(timed, phone)["member_id"] == member


def test_the_same_sale_again_is_the_first_one(timed: District, clock: SetClock) -> None:
    """A report that comes again after the member fell silent is answered as it was, and makes no second sale."""
    new_version(timed, base_rule())
    phone = new_phone()
    member = timed.member(phone)
    clock.go(170)
    sale = timed.sale(phone=phone)
    first = timed.api.post("/v1/transactions", sale, timed.shop.key).ok(201)
    clock.go(185)
    again = timed.api.post("/v1/transactions", sale, timed.shop.key).ok(200)
    assert (again["id"], again["member_id"]) == (first["id"], member)

"""A till in wrong hands, and wrong hands that want one."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest

from tests.factories.checksums import checksums
from tests.factories.clock import SetClock
from tests.factories.districts import District, next_number
from tests.factories.problems import check_problem
from tests.factories.staffed_tills import PIN, add_cashier, new_till, open_till, pair, paired_till, pairing_code

pytestmark = pytest.mark.usefixtures("context")
ALL_BUT_SPENDING = ["transactions:write", "transactions:read", "coupons:read", "programme:read", "tills:write"]


def test_while_a_pin_is_locked_the_right_one_is_refused_like_any_other(timed: District, clock: SetClock) -> None:
    """Five wrong PINs in a row lock the cashier at this till for a minute, and nothing tells right from wrong then."""
    till = paired_till(timed, timed.shop.store_id)
    for number in range(5):
        check_problem(till.open(f"951{number}"), 403, "wrong-pin")
    right, wrong = check_problem(till.open(PIN), 429, "pin-locked"), check_problem(till.open("9519"), 429, "pin-locked")
    assert {**right.body, "request_id": ""} == {**wrong.body, "request_id": ""}
    assert 0 < int(right.headers["Retry-After"]) <= 60
    assert till.call("GET", "/v1/transactions").code == "till-locked"
    clock.move(timedelta(seconds=61))
    check_problem(till.open("9519"), 403, "wrong-pin")
    clock.move(timedelta(seconds=61))
    assert 60 < int(check_problem(till.open(PIN), 429).headers["Retry-After"]) - 0 + 61 <= 121
    clock.move(timedelta(seconds=61))
    till.open(PIN).ok(201)
    for _ in range(4):
        check_problem(till.open("9519"), 403, "wrong-pin")
    till.open(PIN).ok(201)


def test_nobody_locks_a_colleague_out_of_another_till(district: District) -> None:
    """Wrong PINs count for one cashier at one till."""
    here, there = (paired_till(district, district.shop.store_id) for _ in range(2))
    for _ in range(5):
        here.open("9519")
    check_problem(here.open(), 429, "pin-locked")
    here.open(PIN, there.cashier_id).ok(201)
    there.open(PIN, here.cashier_id).ok(201)


def test_guesses_at_one_pin_are_told_to_the_shop(district: District) -> None:
    """The lock is an event that names the merchant."""
    till = paired_till(district, district.shop.store_id)
    for _ in range(5):
        till.open("9519")
    [event] = district.api.get("/v1/events?type=till.pin_locked", district.key).ok(200)["data"]
    assert event["data"]["merchant_id"] == district.shop.merchant_id
    assert event["data"]["cashier_id"] == till.cashier_id


def test_a_pairing_code_works_once(district: District) -> None:
    """Whoever has read it over a shoulder comes too late, and ends nobody's till."""
    code = pairing_code(district, new_till(district, district.shop.store_id)["id"])
    token = pair(district, code).ok(201)["token"]
    check_problem(pair(district, code), 404, "not-found")
    district.api.get("/v1/till", token).ok(200)


def test_all_wrong_pairing_codes_are_answered_alike(district: District) -> None:
    """Used, over, of another form or never made: the same refusal."""
    code = pairing_code(district, new_till(district, district.shop.store_id)["id"])
    pair(district, code).ok(201)
    refusals = [pair(district, one) for one in (code, "0" * 16, "12", "x" * 16, "tt_live_x")]
    assert len({str({**check_problem(one, 404).body, "request_id": ""}) for one in refusals}) == 1


def test_a_key_without_a_till_s_rights_lets_none_be_paired(district: District, superuser: psycopg.Connection) -> None:
    """Whoever lets a till be paired needs all that a till may do, as for minting a key."""
    till = new_till(district, district.shop.store_id)
    weak = district.api.post("/v1/api-keys", {"name": "weak", "scopes": ALL_BUT_SPENDING}, district.key).ok(201)[
        "secret"
    ]
    before = checksums(superuser, district.id)
    check_problem(district.api.post(f"/v1/tills/{till['id']}/pairing-code", {}, weak), 403, "forbidden")
    assert checksums(superuser, district.id) == before


def test_a_shop_s_key_keeps_no_tills_unless_it_was_given_that(district: District) -> None:
    """A merchant's key that only sells makes no tills and sets no PINs."""
    for path, body in (
        ("/v1/tills", {"store_id": district.shop.store_id, "name": "x"}),
        (f"/v1/stores/{district.shop.store_id}/cashiers", {"name": "x", "pin": PIN}),
    ):
        check_problem(district.api.post(path, body, district.shop.key), 403, "forbidden")
    check_problem(district.api.get("/v1/tills", district.shop.key), 403, "forbidden")


def test_a_shop_keeps_the_tills_of_its_own_stores_only(district: District, superuser: psycopg.Connection) -> None:
    """Another merchant's stores, tills and cashiers are to it like none."""
    scopes = [*ALL_BUT_SPENDING, "coupons:redeem"]
    key = district.merchant_key(district.shop, scopes=scopes)
    other = paired_till(district, district.other_shop.store_id)
    new_till(district, district.shop.store_id, key)
    before = checksums(superuser, district.id)
    foreign = district.other_shop.store_id
    named = district.api.post("/v1/tills", {"store_id": foreign, "name": "x"}, key)
    assert check_problem(named, 404).pointers == {"/store_id"}
    for method, path, body in (
        ("POST", f"/v1/tills/{other.id}/pairing-code", {}),
        ("DELETE", f"/v1/tills/{other.id}", None),
        ("POST", f"/v1/stores/{foreign}/cashiers", {"name": "x", "pin": PIN}),
        ("PATCH", f"/v1/stores/{foreign}/cashiers/{other.cashier_id}", {"pin": "9513"}),
        ("DELETE", f"/v1/stores/{district.shop.store_id}/cashiers/{other.cashier_id}", None),
    ):
        check_problem(district.api.call(method, path, body, key=key), 404, "not-found")
    assert checksums(superuser, district.id) == before


def test_a_pin_opens_the_tills_of_its_store_only(district: District) -> None:
    """A cashier of another store is to a till like none."""
    till = paired_till(district, district.shop.store_id)
    other = add_cashier(district, district.other_shop.store_id, pin="9513")
    assert check_problem(till.open("9513", other), 404).pointers == {"/cashier_id"}


def test_a_till_sells_in_its_own_store_only(district: District) -> None:
    """Another store in a sale of a till's is to it like none, also another district's."""
    till = open_till(district, district.shop.store_id)
    body = {"reference": f"X{next_number()}", "amount": 100, "store_id": district.other_shop.store_id}
    assert check_problem(till.call("POST", "/v1/transactions", body), 404).pointers == {"/store_id"}
    assert till.call("GET", "/v1/transactions").ok(200)["data"] == []


def test_a_till_reads_no_other_shop_s_sales(district: District) -> None:
    """Neither in lists nor by their ids, and gives none of them back."""
    till = open_till(district, district.shop.store_id)
    foreign = district.report(store_id=district.other_shop.store_id).ok(201)
    check_problem(till.call("GET", f"/v1/transactions/{foreign['id']}"), 404)
    back = {"transaction_id": foreign["id"], "reference": "B", "amount": 1}
    assert till.call("POST", "/v1/refunds", back).status == 404


def test_a_till_spends_no_points_without_the_member(district: District) -> None:
    """A member that is named by id isn't there: its points stay."""
    member = district.member()
    district.report(member_id=member, amount=50_000).ok(201)
    till = open_till(district, district.shop.store_id)
    body = {"reference": "P1", "amount": 10_000, "member_id": member, "points_to_spend": 100}
    before = district.balance(member)
    assert till.call("POST", "/v1/transactions", body).status == 422
    assert district.balance(member) == before


def test_a_till_makes_no_other_till_and_no_pin(district: District) -> None:
    """Its token keeps no tills, whoever has opened it."""
    till = open_till(district, district.shop.store_id)
    for path, body in (
        ("/v1/tills", {"store_id": till.store_id, "name": "x"}),
        (f"/v1/tills/{till.id}/pairing-code", {}),
        (f"/v1/stores/{till.store_id}/cashiers", {"name": "x", "pin": PIN}),
    ):
        check_problem(till.call("POST", path, body), 403, "forbidden")


def test_half_a_token_opens_nothing(district: District) -> None:
    """What carries a district's id but no secret is refused as any other."""
    till = paired_till(district, district.shop.store_id)
    for token in (till.token[:-10] + "a" * 10, "tt_live_", till.token[:-1], f"sk{till.token[2:]}"):
        check_problem(district.api.get("/v1/till", token), 401, "unauthorized")

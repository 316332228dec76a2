"""A till's life: made, paired, opened by PIN, at work, locked, revoked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from tests.factories.api import Api
from tests.factories.clock import SetClock, ahead
from tests.factories.codes import new_phone_of
from tests.factories.coupons import claim, new_campaign
from tests.factories.districts import District, next_number
from tests.factories.points import adjust
from tests.factories.problems import check_problem
from tests.factories.processes import wait_until
from tests.factories.sandboxes import new_sandbox
from tests.factories.staffed_tills import (
    PIN,
    PairedTill,
    add_cashier,
    new_till,
    open_till,
    pair,
    paired_till,
    pairing_code,
)

pytestmark = pytest.mark.usefixtures("context")
LOCKED = 403, "till-locked"


def sale(**more: Any) -> dict[str, Any]:
    return {"reference": f"T{next_number()}", "amount": 12_800, **more}


def reads_at(till: PairedTill, member_id: str, code: str) -> list[tuple[str, str, Any]]:
    """What only an open till may do."""
    return [
        ("POST", "/v1/member-codes/resolve", {"code": code}),
        ("POST", "/v1/transactions/quote", sale(member_id=member_id)),
        ("POST", "/v1/transactions", sale(member_id=member_id, points_to_spend=1)),
        ("POST", "/v1/transactions", sale(member_id=member_id, coupons=["7K3M-Q9ZT-H2VC-1"])),
        ("POST", "/v1/transactions/batch", {"transactions": [sale(), sale(member_id=member_id, points_to_spend=1)]}),
        ("POST", "/v1/coupons/validate", {"amount": 100, "coupons": ["7K3M-Q9ZT-H2VC-1"]}),
        ("POST", "/v1/refunds", {"transaction_reference": "x", "reference": "y", "amount": 1}),
        ("GET", "/v1/transactions", None),
        ("GET", "/v1/refunds", None),
        ("GET", "/v1/transactions/summary?on=2026-01-01", None),
    ]


def test_a_till_sells_from_pairing_to_receipt(district: District) -> None:
    phone = new_phone_of(district)
    adjust(district, phone.member_id, 500)
    campaign = new_campaign(district, amount_off=1_000, min_amount=10_000)["id"]
    claim(district, campaign, phone.member_id).ok(201)
    till = open_till(district, district.shop.store_id)
    present = till.call("POST", "/v1/member-codes/resolve", {"code": phone.code()}).ok(200)
    assert present["member"]["points"] == 500
    token = present["presence_token"]
    best = till.call("POST", "/v1/coupons/validate", {"amount": 12_800, "presence_token": token, "best": True}).ok(200)
    assert best["payable_amount"] == 11_800
    bill = sale(presence_token=token, coupons=[best["coupons"][0]["code"]], points_to_spend=300)
    quoted = till.call("POST", "/v1/transactions/quote", bill).ok(200)
    sold = till.call("POST", "/v1/transactions", bill).ok(201)
    assert (
        (sold["paid_amount"], sold["points_earned"])
        == (11_500, 115)
        == (quoted["paid_amount"], quoted["points_earned"])
    )
    assert till.call("POST", "/v1/transactions", bill).ok(200)["id"] == sold["id"]
    assert [one["id"] for one in till.call("GET", "/v1/transactions").ok(200)["data"]] == [sold["id"]]
    back = {"transaction_id": sold["id"], "reference": "B1", "amount": 12_800}
    assert till.call("POST", "/v1/refunds", back).ok(201)["points_restored"] == 300


def test_a_sale_to_nobody_has_its_claim_link_for_the_receipt(district: District) -> None:
    till = open_till(district, district.shop.store_id)
    sold = till.call("POST", "/v1/transactions", sale()).ok(201)
    listed = till.call("GET", f"/v1/transactions/{sold['id']}").ok(200)
    assert listed["claim_url"] == sold["claim_url"]
    phone = new_phone_of(district)
    claimed = till.call("POST", f"/v1/transactions/{sold['id']}/claim", {"member_code": phone.code()}).ok(200)
    assert claimed["member_id"] == phone.member_id


def test_under_an_idempotency_key_a_till_s_sale_is_answered_again(district: District) -> None:
    till, body = paired_till(district, district.shop.store_id), sale()
    first = till.api.post("/v1/transactions", body, till.token, "once")
    again = till.api.post("/v1/transactions", body, till.token, "once")
    assert (first.status, again.status, again.headers["Idempotent-Replayed"]) == (201, 201, "true")
    assert again.body["id"] == first.body["id"]


def test_a_locked_till_only_reports(district: District, superuser: psycopg.Connection) -> None:
    phone = new_phone_of(district)
    adjust(district, phone.member_id, 500)
    till = paired_till(district, district.shop.store_id)
    for method, path, body in reads_at(till, phone.member_id, phone.code()):
        refused = till.call(method, path, body)
        assert (refused.status, refused.code) == LOCKED, path
    assert district.balance(phone.member_id)["available"] == 500
    assert till.call("POST", "/v1/transactions", sale(member_code=phone.code())).ok(201)["points_earned"] == 128
    batch = till.call("POST", "/v1/transactions/batch", {"transactions": [sale(), sale()]}).ok(200)
    assert [one["status"] for one in batch["results"]] == [201, 201]


def test_a_till_sees_itself(district: District) -> None:
    till = paired_till(district, district.shop.store_id, closes_at="22:30", locks_after_minutes=5)
    shown = till.call("GET", "/v1/till").ok(200)
    assert (shown["store"]["code"], shown["closes_at"], shown["shift"]) == ("A101-1", "22:30", None)
    assert shown["cashiers"] == [{"id": till.cashier_id, "name": "小陈"}]
    opened = till.open().ok(201)
    assert opened["shift"]["cashier_id"] == till.cashier_id
    assert till.call("DELETE", "/v1/till/shift").ok(200)["shift"] is None
    assert till.call("GET", "/v1/transactions").code == "till-locked"


def test_the_next_cashier_closes_the_shift_before(district: District) -> None:
    till = open_till(district, district.shop.store_id)
    other = add_cashier(district, till.store_id, name="小林", pin="9513")
    assert till.open("9513", other).ok(201)["shift"]["cashier_id"] == other
    [shown] = district.api.get(f"/v1/tills?store_id={till.store_id}", district.key).ok(200)["data"]
    assert shown["shift"]["cashier_id"] == other


def test_a_till_locks_after_minutes_without_work(timed: District, clock: SetClock) -> None:
    till = open_till(timed, timed.shop.store_id, locks_after_minutes=5)
    for _ in range(3):
        clock.move(timedelta(minutes=4))
        till.call("GET", "/v1/transactions").ok(200)
    clock.move(timedelta(minutes=4))
    till.call("GET", "/v1/till").ok(200)  # which is no work
    clock.move(timedelta(minutes=1))
    refused = till.call("GET", "/v1/transactions")
    assert (refused.status, refused.code) == LOCKED
    till.open().ok(201)
    till.call("GET", "/v1/transactions").ok(200)


def test_a_till_locks_at_closing(timed: District, clock: SetClock) -> None:
    clock.go(1, "21:00")
    till = open_till(timed, timed.shop.store_id, closes_at="22:00", locks_after_minutes=240)
    clock.go(1, "21:59")
    till.call("GET", "/v1/transactions").ok(200)
    clock.go(1, "22:00")
    assert till.call("GET", "/v1/transactions").code == "till-locked"


def test_a_pairing_code_is_over_after_ten_minutes(timed: District, clock: SetClock) -> None:
    till = new_till(timed, timed.shop.store_id)
    code = pairing_code(timed, till["id"])
    clock.move(timedelta(minutes=10))
    check_problem(pair(timed, code), 404, "not-found")
    assert timed.api.get(f"/v1/tills/{till['id']}", timed.key).ok(200)["status"] == "unpaired"


def test_a_newer_code_ends_the_one_before(district: District) -> None:
    till = new_till(district, district.shop.store_id)
    old, new = (pairing_code(district, till["id"]) for _ in range(2))
    check_problem(pair(district, old), 404, "not-found")
    pair(district, new).ok(201)


def test_pairing_anew_ends_the_browser_before(district: District) -> None:
    till = open_till(district, district.shop.store_id)
    token = pair(district, pairing_code(district, till.id)).ok(201)["token"]
    assert wait_until(lambda: till.call("GET", "/v1/till").status == 401)
    assert district.api.get("/v1/till", token).ok(200)["shift"] is None


def test_a_lost_token_is_told_again_for_a_minute(district: District) -> None:
    code = pairing_code(district, new_till(district, district.shop.store_id)["id"])
    told = [district.api.post("/v1/tills/pair", {"code": code}, None, "pairing-1").ok(201) for _ in range(2)]
    assert told[0] == told[1]


def test_a_token_changes_and_the_old_one_goes_on_until_the_new_one_is_used(timed: District, clock: SetClock) -> None:
    till = paired_till(timed, timed.shop.store_id)
    lost = till.call("POST", "/v1/till/token").ok(201)["token"]
    clock.move(timedelta(days=3))
    new = till.call("POST", "/v1/till/token").ok(201)["token"]  # the first answer was lost
    assert timed.api.get("/v1/till", lost).status == 401
    clock.move(timedelta(days=3))
    till.call("GET", "/v1/till").ok(200)
    timed.api.get("/v1/till", new).ok(200)
    clock.move(timedelta(seconds=30))
    till.call("GET", "/v1/till").ok(200)
    clock.move(timedelta(seconds=31))
    assert wait_until(lambda: till.call("GET", "/v1/till").status == 401)
    timed.api.get("/v1/till", new).ok(200)


def test_a_revoked_till_stops(district: District) -> None:
    till = open_till(district, district.shop.store_id)
    assert district.api.delete(f"/v1/tills/{till.id}", district.key).ok(200)["status"] == "revoked"
    assert wait_until(lambda: till.call("GET", "/v1/till").status == 401)
    assert till.call("POST", "/v1/transactions", sale()).status == 401
    check_problem(district.api.delete(f"/v1/tills/{till.id}", district.key), 404)
    check_problem(district.api.post(f"/v1/tills/{till.id}/pairing-code", {}, district.key), 404)


def test_a_removed_cashier_opens_nothing_and_has_no_name(district: District, superuser: psycopg.Connection) -> None:
    till = open_till(district, district.shop.store_id)
    path = f"/v1/stores/{till.store_id}/cashiers"
    district.api.delete(f"{path}/{till.cashier_id}", district.key).ok(200)
    assert till.call("GET", "/v1/transactions").code == "till-locked"
    assert check_problem(till.open(), 404).pointers == {"/cashier_id"}
    assert district.api.get(path, district.key).ok(200)["data"] == []
    assert superuser.execute("SELECT name FROM cashiers WHERE id = %s", (till.cashier_id[-32:],)).fetchone() == ("",)


def test_a_new_pin_ends_the_shifts_under_the_old_one(district: District) -> None:
    till = open_till(district, district.shop.store_id)
    path = f"/v1/stores/{till.store_id}/cashiers/{till.cashier_id}"
    district.api.patch(path, {"pin": "9513"}, district.key).ok(200)
    assert till.call("GET", "/v1/transactions").code == "till-locked"
    check_problem(till.open(PIN), 403, "wrong-pin")
    till.open("9513").ok(201)


@pytest.mark.parametrize(
    ("pin", "code"), [("1234", "pin-too-simple"), ("258", "invalid-length"), ("25a0", "invalid-pin")]
)
def test_pins_that_are_none(district: District, pin: str, code: str) -> None:
    if code == "invalid-length":
        code = "invalid-pin"
    refused = district.api.post(
        f"/v1/stores/{district.shop.store_id}/cashiers", {"name": "小陈", "pin": pin}, district.key
    )
    assert [flaw["code"] for flaw in check_problem(refused, 422).body["errors"]] == [code]


def test_in_a_sandbox_a_code_for_tests_pairs_again_and_again(api: Api) -> None:
    sandbox = new_sandbox(api)
    code = pairing_code(sandbox, new_till(sandbox, sandbox.shop.store_id)["id"], for_tests=True)
    tokens = [pair(sandbox, code).ok(201)["token"] for _ in range(3)]
    assert all(sandbox.api.get("/v1/till", token).status == 200 for token in tokens)


def test_a_live_district_has_no_codes_for_tests(district: District) -> None:
    till = new_till(district, district.shop.store_id)
    refused = district.api.post(f"/v1/tills/{till['id']}/pairing-code", {"for_tests": True}, district.key)
    check_problem(refused, 403, "sandbox-only")


def test_the_audit_log_names_till_and_cashier(district: District) -> None:
    till = open_till(district, district.shop.store_id)
    phone = new_phone_of(district)
    unclaimed = till.call("POST", "/v1/transactions", sale()).ok(201)["id"]
    till.call("POST", f"/v1/transactions/{unclaimed}/claim", {"member_code": phone.code()}).ok(200)
    entries = district.api.get(f"/v1/audit-entries?actor_id={till.id}", district.key).ok(200)["data"]
    told = {(one["action"], one["actor"]["kind"], one["details"].get("cashier_id")) for one in entries}
    assert told == {("transaction.claimed", "till", till.cashier_id), ("till.opened", "till", till.cashier_id)}


def test_a_till_of_a_key_that_ends_ends_with_it(timed: District, clock: SetClock) -> None:
    body = {"name": "for a fair", "expires_at": ahead(hours=2)}
    key = timed.api.post("/v1/api-keys", body, timed.key).ok(201)["secret"]
    till = new_till(timed, timed.shop.store_id)
    token = pair(timed, pairing_code(timed, till["id"], key)).ok(201)["token"]
    timed.api.get("/v1/till", token).ok(200)
    clock.move(timedelta(hours=3))
    assert timed.api.get("/v1/till", token).status == 401

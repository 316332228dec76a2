"""Sales without a buyer, and how they find one: by receipt, by phone, by the payment's number."""

from __future__ import annotations

import psycopg
import pytest

from tests.factories.districts import District, new_phone
from tests.factories.points import base_rule, entries, new_version
from tests.factories.transactions import age
from tests.factories.webhooks import shop_key

ZERO = {"available": 0, "pending": 0, "owed": 0}


def claim(district: District, sale_id: str, member_id: str, key: str | None = None, idempotency_key: str | None = None):
    path = f"/v1/transactions/{sale_id}/claim"
    return district.api.post(path, {"member_id": member_id}, key or district.key, idempotency_key)


def test_an_unclaimed_sale_has_a_receipt_s_secret(district: District, superuser: psycopg.Connection) -> None:
    made = district.report(key=district.shop.key).ok(201)
    assert (made["member_id"], made["points_earned"], made["balance"]) == (None, 0, None)
    assert (made["available_at"], made["expires_at"], made["rule_set_version"]) == (None, None, None)
    assert made["explanation"] == []
    secret = made["claim_url"].rsplit("/", 1)[1]
    assert made["claim_url"].startswith("http")
    assert len(secret) == 26, "128 bits in base32"
    row = superuser.execute("SELECT to_jsonb(t)::text FROM transactions t WHERE id = %s", (made["id"][4:],)).fetchone()
    assert row is not None
    assert secret not in row[0]


def test_secrets_of_receipts_differ_and_are_told_again(district: District) -> None:
    first, second = (district.report().ok(201) for _ in range(2))
    assert first["claim_url"] != second["claim_url"]
    assert district.api.get(f"/v1/transactions/{first['id']}", district.key).ok()["claim_url"] == first["claim_url"]


def test_a_claim_gives_the_sale_and_its_points(district: District) -> None:
    member, shop = district.member(), district.shop
    sale = district.report(key=shop.key).ok(201)
    claimed = claim(district, sale["id"], member, shop.key).ok(200)
    assert (claimed["member_id"], claimed["points_earned"]) == (member, 128)
    assert claimed["balance"] is None, "the merchant's word alone opens nothing"
    assert claim(district, sale["id"], member).ok(200)["balance"] == {**ZERO, "available": 128}
    assert claimed["claimed_at"].endswith("Z")
    assert claimed["rule_set_version"] == 1
    assert "claim_url" not in claimed
    assert [entry["balance_after"] for entry in entries(district, member)] == [128]
    assert district.api.get(f"/v1/members/{member}", shop.key).status == 200


def test_a_claim_is_told_to_the_alliance_and_to_the_merchant(district: District) -> None:
    member, shop = district.member(), district.shop
    sale = district.report(key=shop.key).ok(201)
    claim(district, sale["id"], member, shop.key).ok(200)
    told = {"transaction_id": sale["id"], "merchant_id": shop.merchant_id, "member_id": member, "points_earned": 128}
    other = district.merchant_key(district.other_shop, scopes=["webhooks:write"])
    for key, wanted in ((district.key, [told]), (shop_key(district), [told]), (other, [])):
        listed = district.api.get("/v1/events?type=transaction.claimed", key).ok(200)["data"]
        assert [one["data"] for one in listed] == wanted


def test_the_same_claim_again_changes_nothing(district: District) -> None:
    member, other = district.member(), district.member()
    sale = district.report().ok(201)
    first = claim(district, sale["id"], member).ok(200)
    assert claim(district, sale["id"], member).ok(200) == first
    refused = claim(district, sale["id"], other)
    assert (refused.status, refused.code) == (409, "already-claimed")
    assert (district.balance(member)["available"], district.balance(other)["available"]) == (128, 0)
    assert len(entries(district, member)) == 1


def test_a_claim_with_an_idempotency_key_is_answered_again(district: District) -> None:
    member = district.member()
    sale = district.report().ok(201)
    first = claim(district, sale["id"], member, idempotency_key="c-1").ok(200)
    again = claim(district, sale["id"], member, idempotency_key="c-1")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.body == first
    other = claim(district, sale["id"], district.member(), idempotency_key="c-1")
    assert (other.status, other.code) == (422, "idempotency-key-reused")


def test_a_sale_of_a_buyer_can_t_be_claimed(district: District) -> None:
    sale = district.report(member_id=district.member()).ok(201)
    assert claim(district, sale["id"], district.member()).code == "already-claimed"


@pytest.mark.parametrize(("days", "status"), [(29.9, 200), (30.1, 410)])
def test_a_receipt_is_good_for_thirty_days(
    district: District, superuser: psycopg.Connection, days: float, status: int
) -> None:
    member = district.member()
    sale = district.report().ok(201)
    age(superuser, sale["id"], days=days)
    reply = claim(district, sale["id"], member)
    assert reply.status == status
    assert reply.code in (None, "claim-expired")
    assert district.balance(member)["available"] == (128 if status == 200 else 0)


def test_a_claim_is_for_those_who_see_sale_and_member(district: District, other_district: District) -> None:
    sale = district.report(key=district.shop.key).ok(201)
    member = district.member()
    assert claim(district, sale["id"], member, district.other_shop.key).code == "not-found"
    assert claim(other_district, sale["id"], other_district.member()).code == "not-found"
    foreign = claim(district, sale["id"], other_district.member())
    assert (foreign.status, foreign.pointers) == (404, {"/member_id"})
    assert district.api.get(f"/v1/transactions/{sale['id']}", district.key).ok()["member_id"] is None


def test_a_claimed_sale_earns_by_the_rules_of_its_time(district: District) -> None:
    member = district.member()
    sale = district.report().ok(201)
    new_version(district, base_rule(points=5))
    assert claim(district, sale["id"], member).ok()["points_earned"] == 128


def test_a_claimed_sale_reported_again_is_the_same(district: District) -> None:
    member = district.member()
    body = district.sale()
    sale = district.api.post("/v1/transactions", body, district.key).ok(201)
    claim(district, sale["id"], member).ok()
    again = district.api.post("/v1/transactions", body, district.key).ok(200)
    assert (again["id"], again["member_id"], again["points_earned"]) == (sale["id"], member, 128)
    assert len(entries(district, member)) == 1


# By phone


def test_a_phone_that_is_a_member_s_names_the_member(district: District) -> None:
    phone = new_phone()
    member = district.member(phone)
    made = district.report(phone=f"+86 {phone}").ok(201)
    assert (made["member_id"], made["points_earned"]) == (member, 128)


def test_sales_wait_for_a_phone_to_join(district: District, superuser: psycopg.Connection) -> None:
    phone, shop, other = new_phone(), district.shop, district.other_shop
    sales = [
        district.report(phone=phone, amount=1000).ok(201),
        district.report(phone=f"0086{phone}", amount=2000, store_id=other.store_id).ok(201),
    ]
    late = district.report(phone=phone, amount=50000).ok(201)
    strangers = district.report(phone=new_phone(), amount=70000).ok(201)
    assert [(sale["member_id"], sale["points_earned"]) for sale in sales] == [(None, 0)] * 2
    assert all("claim_url" in sale for sale in sales)
    age(superuser, sales[0]["id"], days=29.9)
    age(superuser, late["id"], days=30.1)
    made = district.api.post("/v1/members", {"phone": phone}, district.key).ok(201)
    assert {one["merchant_id"] for one in made["memberships"]} == {shop.merchant_id, other.merchant_id}
    assert district.balance(made["id"])["available"] == 30
    read = {
        sale["id"]: district.api.get(f"/v1/transactions/{sale['id']}", district.key).ok()["member_id"]
        for sale in (*sales, late, strangers)
    }
    assert read == {sales[0]["id"]: made["id"], sales[1]["id"]: made["id"], late["id"]: None, strangers["id"]: None}


def test_a_sale_to_a_phone_reported_again_after_it_joined_is_the_same(district: District) -> None:
    phone = new_phone()
    body = district.sale(phone=phone)
    first = district.api.post("/v1/transactions", body, district.key).ok(201)
    member = district.member(phone)
    again = district.api.post("/v1/transactions", body, district.key).ok(200)
    assert (again["id"], again["member_id"], again["points_earned"]) == (first["id"], member, 128)
    assert district.balance(member)["available"] == 128


def test_a_phone_is_not_kept_with_the_sale(district: District, superuser: psycopg.Connection) -> None:
    phone = new_phone()
    sale = district.report(phone=phone, idempotency_key="p-1").ok(201)
    for table in ("transactions", "idempotency_keys", "outbox"):
        rows = superuser.execute(
            f"SELECT to_jsonb(t)::text FROM {table} t WHERE district_id = %s", (district.id[4:],)
        ).fetchall()
        assert phone not in "".join(row[0] for row in rows)
    assert phone not in str(sale)


# By the payment's number


def test_a_payment_that_comes_by_two_channels_counts_once(district: District) -> None:
    member = district.member()
    body = district.sale(member_id=member, payment_reference="4200001")
    first = district.api.post("/v1/transactions", body, district.key).ok(201)
    second = district.report(payment_reference="4200001", member_id=district.member()).ok(200)
    assert second == first
    assert district.balance(member)["available"] == 128


def test_the_second_channel_claims_what_nobody_has(district: District) -> None:
    member = district.member()
    first = district.report(payment_reference="4200002").ok(201)
    second = district.report(payment_reference="4200002", member_id=member).ok(200)
    assert (second["id"], second["member_id"], second["points_earned"]) == (first["id"], member, 128)
    assert second["balance"] == {**ZERO, "available": 128}
    assert second["reference"] == first["reference"]
    third = district.report(payment_reference="4200002", member_id=district.member()).ok(200)
    assert third["member_id"] == member
    assert len(entries(district, member)) == 1


def test_a_phone_that_the_second_channel_names_is_waited_for(district: District) -> None:
    """The payment company knows nobody; the till was told a phone, which joins later."""
    phone = new_phone()
    first = district.report(payment_reference="4200006").ok(201)
    second = district.report(payment_reference="4200006", phone=phone).ok(200)
    assert (second["id"], second["member_id"]) == (first["id"], None)
    district.report(payment_reference="4200006", phone=new_phone()).ok(200)
    sales = [district.sale(payment_reference="4200007"), district.sale(payment_reference="4200007", phone=phone)]
    answer = district.api.post("/v1/transactions/batch", {"transactions": sales}, district.key).ok(200)
    assert [one["status"] for one in answer["results"]] == [201, 200]
    member = district.member(phone)
    assert district.balance(member)["available"] == 2 * 128
    assert district.api.get(f"/v1/transactions/{first['id']}", district.key).ok()["member_id"] == member


def test_the_second_channel_claims_for_thirty_days(district: District, superuser: psycopg.Connection) -> None:
    member = district.member()
    first = district.report(payment_reference="4200003").ok(201)
    age(superuser, first["id"], days=30.1)
    second = district.report(payment_reference="4200003", member_id=member).ok(200)
    assert (second["id"], second["member_id"]) == (first["id"], None)
    assert district.balance(member)["available"] == 0


def test_one_payment_has_one_amount(district: District) -> None:
    member = district.member()
    district.report(payment_reference="4200004").ok(201)
    refused = district.report(payment_reference="4200004", member_id=member, amount=12801)
    assert (refused.status, refused.code) == (409, "payment-reference-conflict")
    assert district.balance(member)["available"] == 0


def test_payments_of_two_districts_don_t_meet(district: District, other_district: District) -> None:
    first, second = (one.report(payment_reference="4200005").ok(201) for one in (district, other_district))
    assert first["id"] != second["id"]

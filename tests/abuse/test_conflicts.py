"""A 409 says what differs, and nothing of what stands there."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.factories.api import Reply
from tests.factories.checksums import checksums
from tests.factories.clock import ago
from tests.factories.districts import District, new_phone
from tests.factories.problems import check_problem

CHANGES: dict[str, Any] = {
    "amount": 12_801,
    "eligible_amount": 1,
    "points_to_spend": 1,
    "occurred_at": "2026-01-01T00:00:00Z",
    "channel": "app",
    "payment_method": "cash",
    "payment_reference": "4200002",
    "items": [{"amount": 1}],
    "metadata": {"cashier": "wang"},
}


def differing(reply: Reply, status: int, code: str) -> set[str]:
    problem = check_problem(reply, status, code)
    assert {one["code"] for one in problem.body.get("errors", [])} <= {"differs"}
    return {one["pointer"] for one in problem.body.get("errors", [])}


@pytest.mark.parametrize("name", CHANGES)
def test_a_sale_s_conflict_names_the_field(district: District, superuser: psycopg.Connection, name: str) -> None:
    """Each field by itself, under the reference and under the idempotency key."""
    member = district.member()
    base = {"member_id": member, "occurred_at": ago(days=2), "channel": "till", "payment_method": "wechat"}
    body = district.sale(**base, payment_reference="4200001", items=[{"amount": 2}], metadata={"cashier": "li"})
    district.api.post("/v1/transactions", body, district.shop.key, "K1").ok(201)
    before = checksums(superuser, district.id)
    changed = {**body, name: CHANGES[name]}
    reply = district.api.post("/v1/transactions", changed, district.shop.key)
    assert differing(reply, 409, "reference-conflict") == {f"/{name}"}
    reply = district.api.post("/v1/transactions", changed, district.shop.key, "K1")
    assert differing(reply, 422, "idempotency-key-reused") == {f"/{name}"}
    reply = district.api.post("/v1/transactions", {**body, "reference": "another"}, district.shop.key, "K1")
    assert differing(reply, 422, "idempotency-key-reused") == {"/reference"}
    assert checksums(superuser, district.id) == before


def test_a_conflict_says_that_the_buyer_differs_and_not_who_it_was(district: District) -> None:
    """The way in which the buyer was named is pointed to; the first one isn't told."""
    phone = new_phone()
    member = district.member(phone)
    body = district.sale(member_id=member)
    district.api.post("/v1/transactions", body, district.shop.key).ok(201)
    for name, value in (("phone", new_phone()), ("member_id", district.member())):
        other = {key: one for key, one in body.items() if key != "member_id"}
        reply = district.api.post("/v1/transactions", {**other, name: value}, district.shop.key)
        assert differing(reply, 409, "reference-conflict") == {f"/{name}"}
        assert member not in str(reply.body)
        assert phone not in str(reply.body)
    reply = district.api.post("/v1/transactions", other, district.shop.key)
    assert differing(reply, 409, "reference-conflict") == {"/member_id"}


def test_another_store_s_key_is_told_no_more_than_that(district: District) -> None:
    """Of a sale of the merchant's other store, its till learns neither amount nor buyer by trying."""
    store = {"merchant_id": district.shop.merchant_id, "name": "x", "code": "A101-2"}
    second = district.api.post("/v1/stores", store, district.key).ok(201)["id"]
    till = district.api.post("/v1/api-keys", {"name": "till", "store_id": second}, district.key).ok(201)["secret"]
    body = district.sale()
    district.api.post("/v1/transactions", body, district.shop.key).ok(201)
    for changes in ({}, {"amount": 1}, {"channel": "app"}):
        reply = district.api.post("/v1/transactions", {**body, "store_id": second, **changes}, till)
        assert differing(reply, 409, "reference-conflict") == {"/store_id"}
    reply = district.api.post("/v1/transactions", {**body, "store_id": second, "amount": 1}, district.shop.key)
    assert differing(reply, 409, "reference-conflict") == {"/store_id", "/amount"}


@pytest.mark.parametrize(
    ("name", "value"),
    [("amount", 101), ("eligible_amount", 90), ("reason", "other"), ("occurred_at", "2026-01-01T00:00:00Z")],
)
def test_a_refund_s_conflict_names_the_field(district: District, name: str, value: Any) -> None:
    """And another sale under the same reference."""
    first, second = (district.report(member_id=district.member()).ok(201)["id"] for _ in range(2))
    body = {"reference": "RF1", "transaction_id": first, "amount": 100, "occurred_at": ago(days=2), "reason": "size"}
    district.api.post("/v1/refunds", body, district.shop.key).ok(201)
    reply = district.api.post("/v1/refunds", {**body, name: value}, district.shop.key)
    assert differing(reply, 409, "refund-reference-conflict") == {f"/{name}"}
    reply = district.api.post("/v1/refunds", {**body, "transaction_id": second}, district.shop.key)
    assert differing(reply, 409, "refund-reference-conflict") == {"/transaction_id"}

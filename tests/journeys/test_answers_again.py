"""The same request gets the same answer, whatever has become of the sale since."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from app.config import Settings
from app.factory import create_app
from tests.conftest import random_key
from tests.factories.api import Api
from tests.factories.districts import District, new_district, new_phone


def again(district: District, sale: dict[str, object], key: str) -> tuple[int, object, str | None]:
    reply = district.api.post("/v1/transactions", sale, district.key, key)
    return reply.status, reply.body, reply.headers.get("Idempotent-Replayed")


def test_a_sale_met_by_its_payment_can_be_repeated(district: District) -> None:
    district.report(payment_reference="4200001").ok(201)
    sale = district.sale(payment_reference="4200001")
    status, body, _ = again(district, sale, "once")
    assert status == 200
    assert again(district, sale, "once") == (200, body, "true")
    other = district.api.post("/v1/transactions", {**sale, "reference": "another"}, district.key, "once")
    assert (other.status, other.code) == (422, "idempotency-key-reused")


def test_an_answer_from_before_the_claim_stays_as_it_was(district: District) -> None:
    phone = new_phone()
    sale = district.sale(phone=phone)
    status, body, _ = again(district, sale, "before")
    batch = {"transactions": [district.sale(phone=phone)]}
    first = district.api.post("/v1/transactions/batch", batch, district.key, "batch").ok(200)
    member = district.member(phone)
    assert district.balance(member)["available"] == 256
    assert again(district, sale, "before") == (status, body, "true")
    assert district.api.post("/v1/transactions/batch", batch, district.key, "batch").ok(200) == first


def test_a_sale_to_a_phone_is_known_again_after_the_index_keys_rotate(settings: Settings) -> None:
    district = new_district(Api.inside(create_app(settings), settings.operator_key))
    sale = district.sale(phone=new_phone())
    first = district.api.post("/v1/transactions", sale, district.key).ok(201)
    rotated = replace(settings, index_keys=f"{random_key(2)},{settings.index_keys}")
    later = Api.inside(create_app(rotated), settings.operator_key)
    assert later.post("/v1/transactions", sale, district.key).ok(200)["id"] == first["id"]


def test_a_phone_that_becomes_a_members_brings_the_sales_that_waited(district: District) -> None:
    phone, member = new_phone(), district.member()
    district.report(phone=phone).ok(201)
    district.api.patch(f"/v1/members/{member}", {"phone": phone, "reason": "lost"}, district.key).ok(200)
    assert district.balance(member)["available"] == 128


@pytest.mark.parametrize("change", [{"pending_days": 7}, {"expiry": {"policy": "never"}}, {"rounding": "half_up"}])
def test_a_late_claim_earns_by_the_programme_of_its_recording(district: District, app: Flask, change: object) -> None:
    phone = new_phone()
    sale = district.report(phone=phone, amount=12850).ok(201)
    assert sale["available_at"] is None
    district.api.patch("/v1/programme", change, district.key).ok(200)
    member = district.member(phone)
    told = district.api.get(f"/v1/transactions/{sale['id']}", district.key).ok(200)
    assert (told["points_earned"], told["balance"]["available"]) == (128, 128)
    assert told["expires_at"] is not None
    assert district.balance(member)["pending"] == 0

"""Payments by a bank's file: the same bytes each time, in one live file each, and told by the bank's own without a guess."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.settlement.paying.services import make_in_district
from tests.factories.api import Reply
from tests.factories.books import broken
from tests.factories.checksums import Watch
from tests.factories.clock import SetClock
from tests.factories.districts import District, Shop
from tests.factories.payments import act, payment, payments, receive, slip
from tests.factories.points import adjust
from tests.factories.problems import check_problem
from tests.factories.settlement import close, month, periods, publish_terms
from tests.factories.settlement_accounts import BANK, another_key, change_account, path_of

HEAD = "收款账号,金额,处理结果,失败原因,交易流水号\r\n"


@pytest.fixture
def street(timed: District, timed_app: Flask, clock: SetClock) -> Iterator[District]:
    """Two shops with bank accounts are owed 300 and 200, drafted; there is cash for both."""
    clock.set(month(1))
    publish_terms(timed, redemption_price="1").ok(201)
    second = another_key(timed)
    with timed_app.app_context():
        for shop, points, number in ((timed.shop, 300, "0012345678"), (timed.other_shop, 200, "6222020001")):
            change_account(timed, shop, bank_details={**BANK, "account_number": number}).ok(200)
            timed.api.post(path_of(shop, "/settlement-account/approve"), {}, second).ok(200)
            member = timed.member()
            adjust(timed, member, points)
            sale = {"amount": points, "points_to_spend": points, "eligible_amount": 0}
            timed.report(store_id=shop.store_id, member_id=member, **sale).ok(201)
        clock.set(month(2, 1))
        close(timed, 1)
        receive(timed, slip(500, at=clock())).ok(201)
        clock.set(month(2, 12))
        make_in_district(timed.id)
        yield timed
        assert broken(timed.id) == {}


def order(district: District, profile: str = "ccb", **more: Any) -> Reply:
    body = {"period_id": periods(district)[0]["id"], "direction": "out", "profile": profile, **more}
    return district.api.post("/v1/payment-batches", body, district.key)


def tell(district: District, batch: str, rows: str) -> Any:
    content = (HEAD + rows).encode("gb18030")
    return district.api.post(f"/v1/payment-batches/{batch}/outcomes", content, district.key).ok(200)


def out_of(district: District, shop: Shop) -> Any:
    return payments(district, merchant_id=shop.merchant_id, direction="out")[-1]


def test_a_batch_is_one_file_and_its_payments_are_in_no_other(street: District, watch: Watch) -> None:
    batch = order(street).ok(201)
    assert (batch["amount"], len(batch["payment_ids"]), batch["status"]) == (500, 2, "open")
    path = f"/v1/payment-batches/{batch['id']}"
    files = [street.api.get(f"{path}/file", street.key) for _ in range(2)]
    contents = [one.body.encode("latin-1") for one in files]
    assert contents[0] == contents[1] and hashlib.sha256(contents[0]).hexdigest() == batch["sha256"]
    digest = base64.b64encode(hashlib.sha256(contents[0]).digest()).decode()
    assert files[0].headers["Digest"] == f"sha-256={digest}"
    assert b"0012345678" in contents[0]
    before = watch.sums(street.id)
    check_problem(order(street), 409, "nothing-to-send")
    check_problem(act(street, batch["payment_ids"][0], "cancel"), 409, "payment-over")
    check_problem(street.api.get(path, street.shop.key), 403, "forbidden")
    assert order(street, period_id=f"per_{'0' * 32}").pointers == {"/period_id"}
    assert watch.sums(street.id) == before
    for _ in range(2):
        assert street.api.post(f"{path}/cancel", {}, street.key).ok(200)["status"] == "cancelled"
    check_problem(street.api.get(f"{path}/file", street.key), 409, "batch-over")
    again = order(street, "icbc").ok(201)
    assert again["payment_ids"] == batch["payment_ids"]
    assert [one["state"] for one in payment(street, again["payment_ids"][0])["attempts"]] == ["cancelled", "sent"]


def test_what_the_bank_tells_is_noted_once_and_the_rest_is_listed(street: District, clock: SetClock) -> None:
    """Unknown rows change nothing; a failure can be tried again; a payout that comes back is booked back."""
    batch = order(street).ok(201)["id"]
    rows = "0012345678,3.00,成功,,B1\r\n6222020001,2.00,失败,账户已销户,\r\n999,9.00,成功,,B9\r\n0012345678,3.01,成功,,B8\r\n"
    for _ in range(2):
        noted = tell(street, batch, rows)["noted"]
        assert noted == {"succeeded": 1, "failed": 1, "returned": 0, "not_matched": [4, 5], "undecided": []}
    first, second = out_of(street, street.shop), out_of(street, street.other_shop)
    assert (first["state"], first["paid_amount"], first["attempts"][0]["reference"]) == ("succeeded", 300, "B1")
    assert (second["state"], second["code"], second["retry_at"]) == ("failed", "账户已销户", None)
    check_problem(street.api.post(f"/v1/payment-batches/{batch}/cancel", {}, street.key), 409, "batch-over")
    act(street, second["id"], "retry").ok(200)
    other = order(street, "cmb").ok(201)
    assert other["payment_ids"] == [second["id"]]
    act(street, second["id"], "confirm", slip(200, at=clock())).ok(200)
    tell(street, other["id"], "6222020001,2.00,成功,,B2\r\n")
    assert payment(street, second["id"])["paid_amount"] == 200, "a person and the file told of the same try"
    for _ in range(2):
        tell(street, batch, "0012345678,3.00,已退票,,B1\r\n")
    assert (out_of(street, street.shop)["state"], out_of(street, street.shop)["paid_amount"]) == ("returned", 0)

"""Receipts that are scanned at tills: whose sale they are of is told to its own shop, and nothing is taken from anybody."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.factories.api import Reply
from tests.factories.checksums import checksums
from tests.factories.districts import District
from tests.factories.problems import check_problem
from tests.factories.receipts import secret_of
from tests.factories.shoppers import signed_in
from tests.factories.staffed_tills import PairedTill, open_till, paired_till

pytestmark = pytest.mark.usefixtures("context")


def scan(till: PairedTill, secret: str) -> Reply:
    """A till scans the link on a receipt."""
    return till.call("POST", "/v1/receipts/resolve", {"secret": secret})


def said(reply: Reply) -> dict[str, Any]:
    """A refusal without what differs between any two."""
    return {**check_problem(reply, 404, "not-found").body, "request_id": ""}


def test_another_shop_s_receipt_is_to_a_till_like_none(
    district: District, other_district: District, superuser: psycopg.Connection
) -> None:
    """Another merchant's, another store's of its own merchant, another district's, nobody's: one refusal."""
    till, shop = open_till(district, district.shop.store_id), district.shop
    next_door = {"merchant_id": shop.merchant_id, "name": "S", "code": "next-door"}
    branch = district.api.post("/v1/stores", next_door, district.key).ok(201)["id"]
    foreign = [district.report(store_id=one).ok(201) for one in (district.other_shop.store_id, branch)]
    before = checksums(superuser, district.id)
    refusals = [said(scan(till, secret_of(one))) for one in (*foreign, other_district.report().ok(201))]
    assert refusals == [said(scan(till, "2" * 26))] * 3
    assert checksums(superuser, district.id) == before


def test_a_till_that_scans_a_receipt_takes_it_from_nobody(district: District, superuser: psycopg.Connection) -> None:
    """It is told which sale it is, and the link only if it made the receipt; whoever holds the receipt claims it."""
    till, colleague = (open_till(district, district.shop.store_id) for _ in range(2))
    sale = till.call("POST", "/v1/transactions", {"reference": "7" * 24, "amount": 5_000}).ok(201)
    before = checksums(superuser, district.id)
    told = scan(colleague, secret_of(sale)).ok(200)
    assert (told["id"], told["member_id"], told.get("claim_url")) == (sale["id"], None, None)
    assert checksums(superuser, district.id) == before
    member = district.member()
    token = signed_in(district.id, member).access_token
    district.api.post("/v1/claims", {"secret": secret_of(sale)}, token).ok(200)
    assert scan(till, secret_of(sale)).ok(200)["member_id"] == member


def test_a_locked_till_reads_no_receipts(district: District) -> None:
    """Without a cashier's PIN it tells nothing of any sale."""
    till = paired_till(district, district.shop.store_id)
    sale = till.call("POST", "/v1/transactions", {"reference": "7" * 24, "amount": 5_000}).ok(201)
    assert scan(till, secret_of(sale)).code == "till-locked"


def test_a_till_that_guesses_at_receipts_is_told_to_stop(district: District) -> None:
    """Twenty wrong ones an hour; right ones don't count, and other tills go on."""
    till, other = (open_till(district, district.shop.store_id) for _ in range(2))
    right = secret_of(till.call("POST", "/v1/transactions", {"reference": "7" * 24, "amount": 5_000}).ok(201))
    assert [scan(till, one).status for one in [right, *(f"{n:026d}" for n in range(20)), right]] == [
        200,
        *[404] * 20,
        429,
    ]
    scan(other, right).ok(200)

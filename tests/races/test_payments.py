"""One payment at several merchants, one token at several tills: at once, in several processes."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import Any

import pytest

from tests.factories.codes import new_phone_of, resolve
from tests.factories.districts import District, new_shop
from tests.factories.tills import Post, Tills, sale_at


def shared(street: District) -> Counter[frozenset[str]]:
    """The pairs of sales that the alliance was told of, and how often."""
    rows: list[Any] = street.api.get("/v1/events?limit=100", street.key).ok(200)["data"]
    told = [row["data"] for row in rows if row["type"] == "transaction.payment_shared"]
    return Counter(frozenset((one["transaction_id"], one["other_transaction_id"])) for one in told)


def test_every_two_sales_of_a_payment_are_told_once(street: District, tills: Tills) -> None:
    """Four merchants report one payment four times each at the same moment, half of them in batches."""
    shops = [street.shop, street.other_shop, *(new_shop(street.api, street.key, code) for code in ("C3", "D4"))]
    posts = []
    for shop in shops:
        sales = [street.sale(store_id=shop.store_id, payment_reference="4200001") for _ in range(4)]
        posts += [Post("/v1/transactions", sale, shop.key) for sale in sales[:2]]
        posts += [Post("/v1/transactions/batch", {"transactions": sales[2:]}, shop.key)]
    replies = tills.at_once(*posts)
    rows = [row["transaction"] for reply in replies[2::3] for row in reply.ok(200)["results"]]
    sales = [*rows, *(reply.ok(200, 201) for number, reply in enumerate(replies) if number % 3 != 2)]
    ids = {
        shop.merchant_id: {sale["id"] for sale in sales if sale["merchant_id"] == shop.merchant_id} for shop in shops
    }
    assert [len(one) for one in ids.values()] == [1] * 4
    pairs = combinations([one.pop() for one in ids.values()], 2)
    assert shared(street) == {frozenset(pair): 1 for pair in pairs}


@pytest.mark.usefixtures("context")
def test_a_token_spends_once_in_several_processes(street: District, tills: Tills) -> None:
    """Twelve sales that spend by one token, singly and in batches: one does."""
    phone = new_phone_of(street)
    street.report(member_id=phone.member_id, amount=100_000).ok(201)
    token = resolve(street, phone.code()).ok(200)["presence_token"]
    body = {"amount": 10_000, "points_to_spend": 100, "presence_token": token}
    posts = [sale_at(street, street.shop.key, **body) for _ in range(8)]
    batches = [{"transactions": [street.sale(**body), street.sale(**body)]} for _ in range(2)]
    replies = tills.at_once(*posts, *(Post("/v1/transactions/batch", batch, street.shop.key) for batch in batches))
    singles = [(reply.status, reply.code) for reply in replies[:8]]
    rows = [row for reply in replies[8:] for row in reply.ok(200)["results"]]
    results = [(row["status"], row.get("problem", {}).get("code")) for row in rows]
    assert Counter([*singles, *results]) == {(201, None): 1, (409, "member-code-used"): 11}
    assert street.balance(phone.member_id)["spendable"] == 1_000 - 100 + 99


def test_a_day_s_receipts_in_several_processes(street: District, tills: Tills) -> None:
    """Fifteen payments that nobody has, reported again at once for one member: ten are given."""
    member = street.member()
    for number in range(15):
        street.report(payment_reference=f"P{number}", amount=10_000).ok(201)
    posts = [sale_at(street, payment_reference=f"P{n}", amount=10_000, member_id=member) for n in range(15)]
    assert Counter(reply.status for reply in tills.at_once(*posts)) == {200: 10, 429: 5}
    assert street.balance(member)["available"] == 1_000

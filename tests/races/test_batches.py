"""Batches that share references and members, in different orders: none stands in another's way, each sale once."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

from tests.factories.districts import District
from tests.factories.histories import check_gapless, history
from tests.factories.tills import Post, Tills, sale_at


def orders(items: Sequence[Any], count: int) -> list[list[Any]]:
    """Several orders of the same items, forwards and backwards among them."""
    shuffled = [random.Random(number).sample(items, len(items)) for number in range(count - 2)]
    return [list(items), list(items)[::-1], *shuffled]


def batch(street: District, items: list[Any], idempotency_key: str | None = None) -> Post:
    return Post("/v1/transactions/batch", {"transactions": items}, street.key, idempotency_key)


def check_members(street: District, members: list[str], sales: list[dict[str, Any]]) -> None:
    """Each member has the points of its sales, each once."""
    for member in members:
        earned = sum(sale["amount"] // 100 for sale in sales if sale["member_id"] == member)
        assert check_gapless(history(street, member)) == street.balance(member)["available"] == earned


def test_the_same_sales_in_different_orders(street: District, tills: Tills) -> None:
    members = [street.member() for _ in range(5)]
    stores = (street.shop.store_id, street.other_shop.store_id)
    sales = [street.sale(member_id=members[n % 5], store_id=stores[n % 2], amount=100 + 100 * n) for n in range(60)]
    replies = tills.at_once(*(batch(street, order) for order in orders(sales, 8)))
    results = [result for reply in replies for result in reply.ok(200)["results"]]
    assert Counter(result["status"] for result in results) == {201: 60, 200: 420}
    assert len({result["transaction"]["id"] for result in results}) == 60
    check_members(street, members, sales)


def test_batches_that_share_some_sales_and_single_sales_among_them(street: District, tills: Tills) -> None:
    members = [street.member() for _ in range(3)]
    sales = [street.sale(member_id=members[n % 3], amount=100) for n in range(90)]
    windows = [sales[start : start + 30] for start in range(0, 90, 10)]
    posts = [batch(street, window if number % 2 else window[::-1]) for number, window in enumerate(windows)]
    singles = [Post("/v1/transactions", sale, street.key) for sale in sales[::3]]
    replies = tills.at_once(*singles[::2], *posts, *singles[1::2])
    assert {reply.status for reply in replies} <= {200, 201}
    results = [result for reply in replies for result in reply.body.get("results", ())]
    assert {result["status"] for result in results} <= {200, 201}
    new = sum(result["status"] == 201 for result in results) + sum(reply.status == 201 for reply in replies)
    assert new == 90
    check_members(street, members, sales)


def test_one_batch_many_times_under_one_key(street: District, tills: Tills) -> None:
    member = street.member()
    sales = [street.sale(member_id=member, amount=100) for _ in range(40)]
    replies = tills.at_once(*[batch(street, sales, "one key")] * 10)
    assert {reply.status for reply in replies} == {200}
    assert all(reply.body == replies[0].body for reply in replies)
    assert Counter("idempotent-replayed" in reply.headers for reply in replies) == {True: 9, False: 1}
    check_members(street, [member], sales)


def test_batches_of_one_payment_under_many_references(street: District, tills: Tills) -> None:
    member = street.member()
    payments = [f"P{number}" for number in range(30)]
    posts = [
        batch(street, [street.sale(member_id=member, amount=100, payment_reference=one) for one in order])
        for order in orders(payments, 6)
    ]
    results = [result for reply in tills.at_once(*posts) for result in reply.ok(200)["results"]]
    assert Counter(result["status"] for result in results) == {201: 30, 200: 150}
    assert street.balance(member)["available"] == 30


def test_batches_of_unclaimed_sales_that_get_their_buyer_at_once(street: District, tills: Tills) -> None:
    """Two channels give the same sales their buyers, in opposite orders."""
    member = street.member()
    payments = [f"P{number}" for number in range(10)]
    assert {street.report(payment_reference=one, amount=100).status for one in payments} == {201}
    posts = [
        batch(street, [street.sale(member_id=member, amount=100, payment_reference=one) for one in order])
        for order in orders(payments, 4)
    ]
    results = [result for reply in tills.at_once(*posts) for result in reply.ok(200)["results"]]
    assert Counter(result["status"] for result in results) == {200: 40}
    assert street.balance(member)["available"] == 10


def test_single_sales_go_on_while_batches_are_recorded(street: District, tills: Tills) -> None:
    member = street.member()
    sales = [street.sale(member_id=member, amount=100) for _ in range(300)]
    single = [sale_at(street, member_id=member, amount=100) for _ in range(20)]
    replies = tills.at_once(*(batch(street, sales[start : start + 100]) for start in (0, 100, 200)), *single)
    assert {reply.status for reply in replies[:3]} == {200}
    assert {reply.status for reply in replies[3:]} == {201}
    assert check_gapless(history(street, member)) == 320

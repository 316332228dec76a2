"""Spending, refunds, expiry and adjustments at one time: no point goes twice, and nothing is refused while it is there."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from app.points.tasks import expire_district
from tests.factories.api import Reply
from tests.factories.clock import ago
from tests.factories.districts import District, next_number
from tests.factories.histories import check_gapless, history
from tests.factories.points import adjust, change_programme
from tests.factories.tills import Post, Tills, sale_at

SHARE = 100
"""Points that each till spends, takes or gives back."""


def spend(street: District, member: str, points: int = SHARE, **sale: Any) -> Post:
    """A bill that is paid with points alone, and so earns nothing."""
    return sale_at(street, member_id=member, amount=points, points_to_spend=points, **sale)


def back(street: District, sale: str, amount: int, reference: str | None = None) -> Post:
    body = {"transaction_id": sale, "reference": reference or f"RR{next_number()}", "amount": amount}
    return Post("/v1/refunds", body, street.key)


def take(street: District, member: str, points: int = SHARE) -> Post:
    body = {"points": -points, "reason": "race"}
    return Post(f"/v1/members/{member}/points/adjustments", body, street.key)


def sell(street: District, member: str, amount: int, **sale: Any) -> str:
    return str(street.report(member_id=member, amount=amount, **sale).ok(201)["id"])


def statuses(replies: list[Reply]) -> Counter[int]:
    return Counter(reply.status for reply in replies)


def check_history(street: District, member: str) -> None:
    """Each movement in its place, and what is told now is what they come to; no balance was ever below 0."""
    rows, told = history(street, member), street.balance(member)
    assert check_gapless(rows) == told["available"] + told["pending"]
    assert min(row["balance_after"] for row in rows) >= 0


@pytest.mark.parametrize("lots", [1, 7])
def test_points_are_spent_to_the_last_and_no_further(street: District, tills: Tills, lots: int) -> None:
    """Ten shares are there, whatever lots they are in: ten of forty tills get one each."""
    member = street.member()
    for number in range(lots):
        sell(street, member, 100_000 // lots + (100_000 % lots if number == 0 else 0), occurred_at=ago(days=number))
    shares = street.balance(member)["available"] // SHARE
    shops = (street.shop, street.other_shop)
    posts = [spend(street, member, store_id=shops[number % 2].store_id) for number in range(40)]
    replies = tills.at_once(*posts)
    assert statuses(replies) == {201: shares, 422: 40 - shares}
    assert {reply.body["errors"][0]["code"] for reply in replies if reply.status == 422} == {"not-enough-points"}
    told = street.balance(member)
    assert 0 <= told["available"] < SHARE
    assert told["lifetime"]["spent"] == shares * SHARE
    check_history(street, member)


def test_a_batch_and_many_tills_spend_the_same_points(street: District, tills: Tills) -> None:
    members = [street.member() for _ in range(3)]
    for member in members:
        sell(street, member, 100_000)
    sales = [spend(street, member).body for _ in range(8) for member in members]
    batch = Post("/v1/transactions/batch", {"transactions": sales}, street.key)
    replies = tills.at_once(*(spend(street, member) for member in members * 4), batch, batch)
    done = statuses(replies[:-2])
    for reply in replies[-2:]:
        done.update(row["status"] for row in reply.ok(200)["results"] if row["status"] != 200)
    assert done[201] == 30, "each had ten shares; the second of the two batches is shown what the first recorded"
    for member in members:
        assert street.balance(member)["available"] == 0
        check_history(street, member)


def test_one_spending_sent_by_many_counts_once(street: District, tills: Tills) -> None:
    member = street.member()
    sell(street, member, 100_000)
    replies = tills.at_once(*[spend(street, member)] * 20)
    assert statuses(replies) == {201: 1, 200: 19}
    assert street.balance(member)["available"] == 1_000 - SHARE


@pytest.mark.parametrize("policy", ["owe", "take", "forgive"])
def test_spending_meets_the_refund_of_what_was_earned(street: District, tills: Tills, policy: str) -> None:
    """Whoever comes first: what was spent is missing once, and is owed, taken from elsewhere or forgiven."""
    change_programme(street, refund_policy=policy)
    member = street.member()
    sale = sell(street, member, 100_000)
    sell(street, member, 50_000)
    posts = [spend(street, member) for _ in range(12)]
    replies = tills.at_once(*posts[:6], *(back(street, sale, 10_000) for _ in range(10)), *posts[6:])
    backs, spent = replies[6:16], statuses([*replies[:6], *replies[16:]])[201]
    assert statuses(backs) == {201: 10}
    assert sum(reply.body["points_reversed"] for reply in backs) == 1_000
    forgiven = sum(reply.body["points_forgiven"] for reply in backs)
    told = street.balance(member)
    assert told["available"] - told["owed"] == 1_500 - 1_000 - spent * SHARE + forgiven
    assert forgiven == 0 or policy == "forgive"
    check_history(street, member)


def test_spending_meets_the_refund_that_gives_points_back(street: District, tills: Tills) -> None:
    member = street.member()
    sell(street, member, 50_000)
    paid = sell(street, member, 500, points_to_spend=500)
    posts = [spend(street, member) for _ in range(10)]
    replies = tills.at_once(*posts[:5], *(back(street, paid, 100) for _ in range(5)), *posts[5:])
    backs, spent = replies[5:10], statuses([*replies[:5], *replies[10:]])[201]
    assert [reply.body["points_restored"] for reply in backs] == [100] * 5
    assert street.balance(member)["available"] == 500 - spent * SHARE
    check_history(street, member)


def test_a_bill_is_given_back_once(street: District, tills: Tills) -> None:
    member = street.member()
    sale = sell(street, member, 10_000)
    replies = tills.at_once(*(back(street, sale, 1_000) for _ in range(25)))
    assert statuses(replies) == {201: 10, 422: 15}
    assert {pointer for reply in replies for pointer in reply.pointers} == {"/amount"}
    assert sum(reply.body["points_reversed"] for reply in replies if reply.status == 201) == 100
    assert street.balance(member)["available"] == 0
    check_history(street, member)


def test_parts_of_many_sizes_never_come_to_more_than_the_bill(street: District, tills: Tills) -> None:
    member = street.member()
    sale = sell(street, member, 10_007)
    replies = tills.at_once(*(back(street, sale, amount) for amount in (1, 7, 333, 999, 2_500, 4_001) * 5))
    given = sum(reply.body["money_amount"] for reply in replies if reply.status == 201)
    told = street.api.get(f"/v1/transactions/{sale}", street.key).ok(200)
    assert given == told["refunded_amount"] <= 10_007
    refused = [
        post for post, reply in zip((1, 7, 333, 999, 2_500, 4_001) * 5, replies, strict=True) if reply.status == 422
    ]
    assert all(amount > 10_007 - given for amount in refused), "what still fits isn't refused"
    check_history(street, member)


def test_one_refund_sent_by_many_counts_once(street: District, tills: Tills) -> None:
    member = street.member()
    sale = sell(street, member, 10_000)
    replies = tills.at_once(*[back(street, sale, 4_000, "RR-once")] * 20)
    assert statuses(replies) == {201: 1, 200: 19}
    assert len({reply.body["id"] for reply in replies}) == 1
    assert street.balance(member)["available"] == 60


def test_one_reference_for_two_sales_is_one_refund(street: District, tills: Tills) -> None:
    member = street.member()
    sales = [sell(street, member, 10_000) for _ in range(2)]
    replies = tills.at_once(*(back(street, sales[number % 2], 4_000, "RR-two") for number in range(16)))
    assert statuses(replies) == {201: 1, 200: 7, 409: 8}
    assert street.balance(member)["available"] == 160


def test_batches_of_refunds_in_all_orders(street: District, tills: Tills) -> None:
    """Refunds of several members' sales lock their balances in one order, whatever order they stand in."""
    members = [street.member() for _ in range(4)]
    sales = [sell(street, member, 10_000) for member in members for _ in range(3)]
    orders = [sales[number:] + sales[:number] for number in range(len(sales))]
    batches = [
        {"refunds": [back(street, sale, 2_500).body for sale in (order if number % 2 else order[::-1])]}
        for number, order in enumerate(orders)
    ]
    replies = tills.at_once(*(Post("/v1/refunds/batch", body, street.key) for body in batches))
    rows = Counter(row["status"] for reply in replies for row in reply.ok(200)["results"])
    assert rows == {201: 4 * len(sales), 422: (len(batches) - 4) * len(sales)}
    assert [street.balance(member)["available"] for member in members] == [0] * 4


def test_a_receipt_is_claimed_while_it_is_given_back(street: District, tills: Tills) -> None:
    """Claimed before or after some of its refunds: it has earned on what is left, and at the end nothing is."""
    member = street.member()
    sale = street.report(amount=10_000).ok(201)["id"]
    claim = Post(f"/v1/transactions/{sale}/claim", {"member_id": member}, street.key)
    replies = tills.at_once(*[claim] * 3, *(back(street, sale, 1_000) for _ in range(10)), *[claim] * 3)
    assert statuses(replies[3:13]) == {201: 10}
    assert statuses([*replies[:3], *replies[13:]]) == {200: 6}
    assert street.balance(member)["available"] == 0


def test_spending_and_expiry_share_nothing(street: District, tills: Tills) -> None:
    """Ended points lie beside live ones: the live ones are spent, the ended ones expire, each once."""
    member = street.member()
    for _ in range(5):
        sell(street, member, 20_000, occurred_at=ago(days=500))
        sell(street, member, 20_000)
    ended = sell(street, member, 10_000, occurred_at=ago(days=500))

    def expire() -> None:
        for _ in range(4):
            expire_district(street.id)

    queues = [[spend(street, member), back(street, ended, 500), spend(street, member)] for _ in range(12)]
    replies = tills.in_turn(queues, meanwhile=expire)
    assert statuses([reply for first, _, last in replies for reply in (first, last)]) == {201: 10, 422: 14}
    assert statuses([given for _, given, _ in replies]) == {201: 12}
    expire_district(street.id)
    told = street.balance(member)
    assert (told["available"], told["owed"]) == (0, 0)
    assert told["lifetime"] == {"earned": 2_100, "spent": 1_000, "expired": 1_100}
    check_history(street, member)


def test_spending_and_taking_by_hand(street: District, tills: Tills) -> None:
    member = street.member()
    adjust(street, member, 1_000)
    posts = [post for _ in range(15) for post in (spend(street, member), take(street, member))]
    replies = tills.at_once(*posts)
    assert statuses(replies) == {201: 10, 422: 20}
    assert street.balance(member)["available"] == 0
    check_history(street, member)


def test_a_debt_is_paid_once(street: District, tills: Tills) -> None:
    """Sales, restored points and points by hand all pay what is owed, and pay it once."""
    member = street.member()
    first = sell(street, member, 100_000)
    paid = sell(street, member, 1_000, points_to_spend=1_000)
    owed = street.api.post("/v1/refunds", back(street, first, 100_000).body, street.key).ok(201)["points_owed"]
    assert owed == 1_000
    give = Post(f"/v1/members/{member}/points/adjustments", {"points": 50, "reason": "race"}, street.key)
    sales = [sale_at(street, member_id=member, amount=10_000) for _ in range(6)]
    tills.at_once(*sales, *[give] * 6, *(back(street, paid, 100) for _ in range(10)))
    told = street.balance(member)
    assert (told["available"], told["owed"]) == (6 * 100 + 6 * 50 + 1_000 - 1_000, 0)
    check_history(street, member)

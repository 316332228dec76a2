"""Caps and budgets under many tills: given to the last point, and never one more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.factories.api import Reply
from tests.factories.districts import District, new_phone
from tests.factories.points import base_rule, bonus, multiplier, new_version
from tests.factories.tills import Post, Tills, sale_at

TILLS = 16


def given(replies: Sequence[Reply], key: str) -> list[int]:
    """What a rule gave for each sale."""
    lines = [line for reply in replies for line in reply.body["explanation"] if line["rule_key"] == key]
    return [line["points"] for line in lines]


def sell(street: District, tills: Tills, members: list[str], each: int, **sale: Any) -> list[Reply]:
    """Each till sells to one of some members, again and again."""
    queues = [
        [sale_at(street, member_id=members[number % len(members)], **sale) for _ in range(each)]
        for number in range(TILLS)
    ]
    replies = [reply for till in tills.in_turn(queues) for reply in till]
    assert {reply.status for reply in replies} == {201}
    return replies


@pytest.mark.parametrize("budget", [1, 37, 1_000, 3_999])
def test_a_budget_ends_exactly_at_its_limit(street: District, tills: Tills, budget: int) -> None:
    new_version(street, base_rule(), bonus("party", points=7, caps={"budget": budget}))
    members = [street.member() for _ in range(TILLS)]
    replies = sell(street, tills, members, each=-(-budget // (7 * TILLS)) + 4)
    assert sum(given(replies, "party")) == budget


def test_several_budgets_on_one_sale(street: District, tills: Tills) -> None:
    new_version(
        street,
        base_rule(caps={"budget": 9_000}),
        multiplier("night", caps={"budget": 2_500}),
        bonus("party", points=9, caps={"budget": 500}),
    )
    replies = sell(street, tills, [street.member() for _ in range(TILLS)], each=10, amount=10_000)
    assert [sum(given(replies, key)) for key in ("base", "night", "party")] == [9_000, 2_500, 500]


def test_a_member_s_caps_at_many_tills(street: District, tills: Tills) -> None:
    caps = {"per_member_per_day": 100, "per_member_total": 90}
    new_version(street, base_rule(), bonus("party", points=7, caps=caps))
    members = [street.member() for _ in range(2)]
    replies = sell(street, tills, members, each=4)
    for member in members:
        own = [reply for reply in replies if reply.body["member_id"] == member]
        assert sum(given(own, "party")) == 90
        assert sorted(set(given(own, "party"))) == [0, 6, 7]


def test_a_first_sale_at_many_tills(street: District, tills: Tills) -> None:
    first = {"first_in_district": True}
    new_version(street, base_rule(), bonus("first", conditions=first))
    member = street.member()
    replies = tills.at_once(*(sale_at(street, member_id=member) for _ in range(TILLS)))
    assert sorted(given(replies, "first")) == [*[0] * (TILLS - 1), 50]


def test_batches_and_tills_share_a_budget(street: District, tills: Tills) -> None:
    new_version(street, base_rule(), bonus("party", points=7, caps={"budget": 1_500}))
    members = [street.member() for _ in range(TILLS)]
    queues = [
        [_batch(street, members[number:] + members[:number], 40)]
        if number % 2
        else [sale_at(street, member_id=members[number]) for _ in range(12)]
        for number in range(TILLS)
    ]
    total = 0
    for till in tills.in_turn(queues):
        for reply in till:
            if "results" in reply.body:
                assert {one["status"] for one in reply.body["results"]} == {201}
                total += sum(_party(one["transaction"]) for one in reply.body["results"])
            else:
                total += _party(reply.body)
    assert total == 1_500


def _batch(street: District, members: list[str], size: int) -> Post:
    sales = [street.sale(member_id=members[number % len(members)]) for number in range(size)]
    return Post("/v1/transactions/batch", {"transactions": sales}, street.key)


def _party(sale: dict[str, Any]) -> int:
    return sum(line["points"] for line in sale["explanation"] if line["rule_key"] == "party")


def test_claims_and_new_members_share_a_budget_with_tills(street: District, tills: Tills) -> None:
    new_version(street, base_rule(), bonus("party", points=7, caps={"budget": 400}))
    members, phones = [street.member() for _ in range(TILLS)], [new_phone() for _ in range(8)]
    unclaimed = [street.report().ok(201)["id"] for _ in range(8)]
    waiting = [street.report(phone=phone).ok(201)["id"] for phone in phones]
    queues = [[sale_at(street, member_id=member) for _ in range(4)] for member in members]
    queues += [
        [Post(f"/v1/transactions/{sale}/claim", {"member_id": member}, street.key)]
        for sale, member in zip(unclaimed, members, strict=False)
    ]
    queues += [[Post("/v1/members", {"phone": phone}, street.key)] for phone in phones]
    replies = [reply for till in tills.in_turn(queues) for reply in till]
    assert {reply.status for reply in replies} <= {200, 201}
    sales = [reply.body for reply in replies if reply.body["object"] == "transaction"]
    sales += [street.api.get(f"/v1/transactions/{one}", street.key).ok() for one in waiting]
    assert sum(map(_party, sales)) == 400


def test_a_budget_that_is_raised_while_tills_sell(street: District, tills: Tills) -> None:
    new_version(street, base_rule(), bonus("party", points=7, caps={"budget": 300}))
    members = [street.member() for _ in range(TILLS)]
    queues = [[sale_at(street, member_id=member) for _ in range(8)] for member in members]

    def raise_it() -> None:
        for budget in (200, 500, 800):
            new_version(street, base_rule(), bonus("party", points=7, caps={"budget": budget}))

    replies = [reply for till in tills.in_turn(queues, meanwhile=raise_it) for reply in till]
    assert sum(given(replies, "party")) <= 800
    replies += sell(street, tills, members, 8)  # the tills may have been done before the last version was there
    assert {reply.status for reply in replies} == {201}
    assert sum(given(replies, "party")) == 800


def test_a_cap_that_is_published_while_tills_sell(street: District, tills: Tills) -> None:
    """What rules gave before is counted, down to the sale before the lock."""
    member = street.member()
    queues = [[sale_at(street, member_id=member, amount=100) for _ in range(12)] for _ in range(8)]
    caps = {"per_member_per_day": 90, "budget": 95}
    replies = [
        reply
        for till in tills.in_turn(queues, meanwhile=lambda: new_version(street, base_rule(caps=caps)))
        for reply in till
    ]
    assert {reply.status for reply in replies} == {201}
    assert sum(given(replies, "base")) == 90

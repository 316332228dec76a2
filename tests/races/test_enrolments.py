"""One phone at several counters at once: one member, and no sale to that phone is lost."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.factories.districts import District, Shop, new_phone
from tests.factories.histories import check_gapless, history
from tests.factories.members import find
from tests.factories.tills import Post, Tills, sale_at


def spelled(phone: str) -> list[str]:
    """A mainland phone in several spellings."""
    parts = phone[:3], phone[3:7], phone[7:]
    return [phone, f"+86{phone}", f"0086{phone}", " ".join(parts), "+86 " + "-".join(parts), f"(+86){phone}"]


def enrolment(shop: Shop, phone: str, **more: str) -> Post:
    return Post("/v1/members", {"phone": phone, "store_id": shop.store_id, **more}, shop.key)


@pytest.mark.parametrize("crowd", [2, 20])
def test_one_phone_is_one_member(street: District, tills: Tills, crowd: int) -> None:
    phone, shops = new_phone(), (street.shop, street.other_shop)
    spellings = spelled(phone)
    posts = [enrolment(shops[n % 2], spellings[n % len(spellings)]) for n in range(crowd)]
    replies = tills.at_once(*posts)
    assert Counter(reply.status for reply in replies) == {201: 1, 200: crowd - 1}
    [member] = {reply.body["id"] for reply in replies}
    for spelling in spellings:
        assert find(street, spelling) == [member]
    memberships = street.api.get(f"/v1/members/{member}", street.key).ok(200)["memberships"]
    assert {one["merchant_id"] for one in memberships} == {shop.merchant_id for shop in shops}
    assert len(memberships) == 2


def test_one_identity_is_one_member_s(street: District, tills: Tills) -> None:
    identity = {"kind": "wechat_openid", "value": "o6_bmjrPTlm6"}
    posts = [Post("/v1/members", {"phone": new_phone(), "identities": [identity]}, street.key) for _ in range(10)]
    replies = tills.at_once(*posts)
    assert Counter((reply.status, reply.code) for reply in replies) == {(201, None): 1, (409, "identity-taken"): 9}
    assert len(street.api.get("/v1/members", street.key).ok(200)["data"]) == 1


def test_batches_of_the_same_phones_in_different_orders(street: District, tills: Tills) -> None:
    phones = [new_phone() for _ in range(30)]
    orders = [phones, phones[::-1], phones[15:] + phones[:15], phones[::2] + phones[1::2]] * 2
    posts = [Post("/v1/members/batch", {"members": [{"phone": one} for one in order]}, street.key) for order in orders]
    replies = tills.at_once(*posts)
    results = [result for reply in replies for result in reply.ok(200)["results"]]
    assert Counter(result["status"] for result in results) == {201: 30, 200: 210}
    assert len({result["member"]["id"] for result in results}) == 30


def test_a_phone_changes_hands_once(street: District, tills: Tills) -> None:
    """A phone that one member takes as its new one while others enrol with it is one member's in the end."""
    phone, members = new_phone(), [street.member() for _ in range(2)]
    queues = [[enrolment(street.shop, phone)] for _ in range(5)]
    changed = []
    tills.in_turn(
        queues,
        meanwhile=lambda: changed.extend(
            street.api.patch(f"/v1/members/{member}", {"phone": phone, "reason": "lost"}, street.key)
            for member in members
        ),
    )
    [owner] = find(street, phone)
    took = [member for member, reply in zip(members, changed, strict=True) if reply.status == 200]
    assert {reply.code for reply in changed if reply.status != 200} <= {"phone-taken"}
    assert took in ([], [owner])


def test_sales_to_a_phone_that_is_joining_are_all_credited(street: District, tills: Tills) -> None:
    """Those recorded before the member are credited by joining, those after it at once: none falls between."""
    phones, shops = [new_phone() for _ in range(6)], (street.shop, street.other_shop)
    posts = []
    for phone in phones:
        spellings = spelled(phone)
        sales = [
            sale_at(
                street, key=shops[n % 2].key, store_id=shops[n % 2].store_id, phone=spellings[n % 6], amount=100 << n
            )
            for n in range(8)
        ]
        joins = [enrolment(shop, phone) for shop in shops]
        posts += [*sales[:4], joins[0], *sales[4:7], joins[1], sales[7]]
    replies = tills.at_once(*posts)
    assert Counter(reply.status for reply in replies) == {201: 9 * len(phones), 200: len(phones)}
    for phone in phones:
        [member] = find(street, phone)
        rows = history(street, member)
        assert check_gapless(rows) == street.balance(member)["available"] == 255
        sold = street.api.get(f"/v1/transactions?member_id={member}", street.key).ok(200)["data"]
        assert sorted(row["points_earned"] for row in sold) == [1 << n for n in range(8)]
        assert {row["source"]["id"] for row in rows} == {row["id"] for row in sold}


def test_a_batch_to_phones_that_are_joining_is_all_credited(street: District, tills: Tills) -> None:
    phones = [new_phone() for _ in range(20)]
    sales = [
        [street.sale(phone=phone, amount=100) for phone in order]
        for order in (phones, phones[::-1], phones, phones[::-1])
    ]
    batches = [Post("/v1/transactions/batch", {"transactions": items}, street.key) for items in sales]
    joins = [
        Post("/v1/members/batch", {"members": [{"phone": p} for p in order]}, street.key)
        for order in (phones, phones[::-1])
    ]
    replies = tills.at_once(*batches, *joins)
    assert {result["status"] for reply in replies for result in reply.ok(200)["results"]} == {200, 201}
    for phone in phones:
        [member] = find(street, phone)
        assert street.balance(member)["available"] == 4

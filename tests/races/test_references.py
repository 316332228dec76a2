"""The same sale at the same moment, over several processes: recorded once."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.factories.api import Reply
from tests.factories.districts import District, next_number
from tests.factories.points import entries
from tests.factories.tills import Post, Tills, sale_at

CROWD = 50


def statuses(replies: list[Reply]) -> Counter[int]:
    return Counter(reply.status for reply in replies)


def ids(replies: list[Reply]) -> set[str]:
    return {reply.body["id"] for reply in replies}


def check_once(street: District, member: str, points: int) -> None:
    """The member got the points of one sale."""
    assert street.balance(member)["available"] == points
    assert [entry["points"] for entry in entries(street, member)] == [points]


def test_one_reference_is_one_sale(street: District, tills: Tills) -> None:
    member = street.member()
    post = sale_at(street, member_id=member)
    replies = tills.at_once(*[post] * CROWD)
    assert statuses(replies) == {201: 1, 200: CROWD - 1}
    assert len(ids(replies)) == 1
    assert {reply.body["points_earned"] for reply in replies} == {128}
    check_once(street, member, 128)


def test_one_idempotency_key_is_one_answer(street: District, tills: Tills) -> None:
    member = street.member()
    post = sale_at(street, member_id=member, idempotency_key="one key")
    replies = tills.at_once(*[post] * CROWD)
    assert statuses(replies) == {201: CROWD}
    assert Counter("idempotent-replayed" in reply.headers for reply in replies) == {True: CROWD - 1, False: 1}
    assert all(reply.body == replies[0].body for reply in replies)
    check_once(street, member, 128)


def test_one_idempotency_key_is_of_one_sale(street: District, tills: Tills) -> None:
    member = street.member()
    posts = [sale_at(street, member_id=member, idempotency_key="one key") for _ in range(20)]
    replies = tills.at_once(*posts)
    assert Counter((reply.status, reply.code) for reply in replies) == {
        (201, None): 1,
        (422, "idempotency-key-reused"): 19,
    }
    check_once(street, member, 128)


def test_references_are_of_a_merchant(street: District, tills: Tills) -> None:
    member, reference = street.member(), f"R{next_number()}"
    shops = (street.shop, street.other_shop)
    posts = [
        sale_at(street, key=shop.key, store_id=shop.store_id, member_id=member, reference=reference) for shop in shops
    ]
    replies = tills.at_once(*posts * 20)
    assert statuses(replies) == {201: 2, 200: 38}
    assert len(ids(replies)) == 2
    assert street.balance(member)["available"] == 256


def test_one_reference_with_two_bodies_is_the_first_s(street: District, tills: Tills) -> None:
    member, reference = street.member(), f"R{next_number()}"
    posts = [sale_at(street, member_id=member, reference=reference, amount=amount) for amount in (1000, 2000)]
    replies = tills.at_once(*posts * 15)
    assert Counter((reply.status, reply.code) for reply in replies) == {
        (201, None): 1,
        (200, None): 14,
        (409, "reference-conflict"): 15,
    }
    [recorded] = {reply.body["amount"] for reply in replies if reply.status < 300}
    check_once(street, member, recorded // 100)


def test_one_payment_counts_once_at_a_merchant_whoever_reports_it(street: District, tills: Tills) -> None:
    member = street.member()
    posts = [
        sale_at(
            street, key=shop.key, store_id=shop.store_id, member_id=member, channel=channel, payment_reference="4200001"
        )
        for shop in (street.shop, street.other_shop)
        for channel in ("till", "wechat", "mini-program", "erp", "alipay")
        for _ in range(4)
    ]
    replies = tills.at_once(*posts)
    assert statuses(replies) == {201: 2, 200: len(posts) - 2}
    assert len(ids(replies[:20])) == len(ids(replies[20:])) == 1
    assert street.balance(member)["available"] == 2 * 128


def test_one_payment_has_one_amount(street: District, tills: Tills) -> None:
    member = street.member()
    posts = [
        sale_at(street, member_id=member, amount=amount, payment_reference="4200001")
        for amount in (1000, 2000)
        for _ in range(10)
    ]
    replies = tills.at_once(*posts)
    assert Counter((reply.status, reply.code) for reply in replies) == {
        (201, None): 1,
        (200, None): 9,
        (409, "payment-reference-conflict"): 10,
    }
    assert len(ids([reply for reply in replies if reply.status < 300])) == 1


@pytest.mark.parametrize("named", ["member_id", "nobody"])
def test_a_payment_is_given_to_whoever_is_named_first(street: District, tills: Tills, named: str) -> None:
    """Some channels know the buyer and some don't: the sale is the buyer's in the end, and counts once."""
    member = street.member()
    known = [sale_at(street, member_id=member, payment_reference="4200001") for _ in range(10)]
    unknown = [sale_at(street, payment_reference="4200001") for _ in range(10)]
    posts = known + unknown if named == "member_id" else unknown + known
    replies = tills.at_once(*posts)
    assert statuses(replies) == {201: 1, 200: 19}
    assert len(ids(replies)) == 1
    check_once(street, member, 128)


def test_one_idempotency_key_makes_one_thing_of_any_kind(street: District, tills: Tills) -> None:
    consent = {"controller": "district", "purpose": "membership", "version": "2026-01"}
    for path, body, status in (
        ("/v1/merchants", {"name": "店", "code": "C303"}, 201),
        ("/v1/api-keys", {"name": "till"}, 201),
        (f"/v1/members/{street.member()}/consents", consent, 201),
    ):
        replies = tills.at_once(*[Post(path, body, street.key, f"one key for {path}")] * 20)
        assert statuses(replies) == {status: 20}, path
        assert len(ids(replies)) == 1, path
        assert Counter("idempotent-replayed" in reply.headers for reply in replies)[False] == 1, path

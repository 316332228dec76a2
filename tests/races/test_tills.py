"""Many tills, few members: no point is lost, and none is made."""

from __future__ import annotations

from tests.factories.districts import District, Shop, new_shop
from tests.factories.histories import check_gapless, history
from tests.factories.tills import Post, Tills, sale_at

TILLS, SALES_EACH = 20, 10


def shops_of(street: District) -> list[Shop]:
    return [street.shop, street.other_shop, *(new_shop(street.api, street.key, code) for code in ("C303", "D404"))]


def queue(street: District, shop: Shop, number: int, members: list[str]) -> list[Post]:
    """What one till sells: amounts that tell tills and sales apart."""
    return [
        sale_at(
            street,
            key=street.key,
            store_id=shop.store_id,
            member_id=members[sale % len(members)],
            amount=100 * (number * SALES_EACH + sale),
        )
        for sale in range(SALES_EACH)
    ]


def test_one_member_at_twenty_tills(street: District, tills: Tills) -> None:
    member, shops = street.member(), shops_of(street)
    queues = [queue(street, shops[number % len(shops)], number, [member]) for number in range(TILLS)]
    replies = [reply for till in tills.in_turn(queues) for reply in till]
    assert {reply.status for reply in replies} == {201}
    earned = sum(range(TILLS * SALES_EACH))
    assert sum(reply.body["points_earned"] for reply in replies) == earned
    rows = history(street, member)
    assert check_gapless(rows) == street.balance(member)["available"] == earned
    sold = {reply.body["id"]: reply.body for reply in replies if reply.body["points_earned"]}
    assert {row["source"]["id"]: row["balance_after"] for row in rows} == {
        one: body["balance"]["available"] for one, body in sold.items()
    }


def test_twenty_tills_take_members_in_all_orders(street: District, tills: Tills) -> None:
    members, shops = [street.member() for _ in range(5)], shops_of(street)
    queues = [
        queue(street, shops[number % len(shops)], number, members[number % 5 :] + members[: number % 5])
        for number in range(TILLS)
    ]
    replies = [reply for till in tills.in_turn(queues) for reply in till]
    assert {reply.status for reply in replies} == {201}
    for member in members:
        own = sum(reply.body["points_earned"] for reply in replies if reply.body["member_id"] == member)
        assert check_gapless(history(street, member)) == street.balance(member)["available"] == own


def test_each_shop_lists_its_own_sales(street: District, tills: Tills) -> None:
    member, shops = street.member(), shops_of(street)[:2]
    queues = [queue(street, shops[number % 2], number, [member]) for number in range(8)]
    replies = tills.in_turn(queues)
    memberships = street.api.get(f"/v1/members/{member}", street.key).ok(200)["memberships"]
    assert sorted(one["merchant_id"] for one in memberships) == sorted(shop.merchant_id for shop in shops)
    for number, shop in enumerate(shops):
        own = [reply.body for till in replies[number::2] for reply in till]
        listed = street.api.get(f"/v1/transactions?store_id={shop.store_id}&limit=100", shop.key).ok(200)["data"]
        assert {row["id"] for row in listed} == {body["id"] for body in own}

"""A coupon comes back from its bill while others want it: each is on one bill at most, and comes back once."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.factories.api import Reply
from tests.factories.coupons import campaign_of, claim, new_campaign
from tests.factories.districts import District
from tests.factories.tills import Post, Tills, sale_at


def refund_of(district: District, sale: Any, number: int, amount: int) -> Post:
    body = {"transaction_id": sale["id"], "reference": f"{sale['reference']}-{number}", "amount": amount}
    return Post("/v1/refunds", body, district.key)


def outcomes(replies: list[Reply]) -> Counter[tuple[int, str | None]]:
    return Counter((reply.status, reply.code if reply.status >= 400 else None) for reply in replies)


def at_once(tills: Tills, *posts: Post) -> list[Reply]:
    """Each call by a till of its own, all at one moment; who is told that it is busy here (503) comes again."""
    return [reply for [reply] in tills.in_turn([[post] for post in posts], patience=60)]


def returned(district: District) -> int:
    return len(district.api.get("/v1/events?type=coupon.returned&limit=100", district.key).ok(200)["data"])


def test_a_coupon_is_given_back_while_tills_try_to_use_it(street: District, tills: Tills) -> None:
    """Whoever comes before the refund is told that it is used; of those after it one has it."""
    member = street.member()
    campaign = new_campaign(street)["id"]
    coupon = claim(street, campaign, member).ok(201)
    body = {"member_id": member, "amount": 12_800, "coupons": [coupon["code"]]}
    sale = street.report(**body).ok(201)
    tries = [sale_at(street, **body) for _ in range(11)]
    first, *others = at_once(tills, refund_of(street, sale, 0, 12_800), *tries)
    assert first.ok(201)["discount_reversed"] == 1_000
    found = outcomes(others)
    used = found.pop((201, None), 0)
    assert used <= 1
    assert found == {(422, "validation-failed"): 11 - used}
    counts = campaign_of(street, campaign)["counts"]
    assert (counts["redeemed"], counts["discount_given"]) == (used, 1_000 * used)


def test_of_many_refunds_no_more_comes_back_than_was_sold(street: District, tills: Tills) -> None:
    """Halves and wholes at once: what is given back is the whole at most, and the coupon comes back with it, once."""
    member = street.member()
    campaign = new_campaign(street, amount_off=1_001)["id"]
    coupon = claim(street, campaign, member).ok(201)
    sale = street.report(member_id=member, amount=12_800, coupons=[coupon["code"]]).ok(201)
    posts = [refund_of(street, sale, number, 12_800 if number % 3 == 0 else 6_400) for number in range(12)]
    replies = at_once(tills, *posts)
    given = [reply.body for reply in replies if reply.status == 201]
    assert outcomes(replies) == {(201, None): len(given), (422, "validation-failed"): 12 - len(given)}
    sums = [sum(one[name] for one in given) for name in ("amount", "money_amount", "discount_reversed")]
    assert sums == [12_800, 11_799, 1_001]
    assert returned(street) == 1
    counts = campaign_of(street, campaign)["counts"]
    assert (counts["issued"], counts["redeemed"], counts["discount_given"]) == (1, 0, 0)


def test_coupons_come_back_while_others_are_claimed(street: District, tills: Tills) -> None:
    """What comes back may pass the budget, what is issued beside it never does."""
    campaign = new_campaign(street, budget=9_500, min_amount=0)["id"]
    sales = []
    for _ in range(6):
        member = street.member()
        coupon = claim(street, campaign, member).ok(201)
        sales.append(street.report(member_id=member, amount=250, coupons=[coupon["code"]]).ok(201))
    path = f"/v1/campaigns/{campaign}/claims"
    claims = [Post(path, {"member_id": street.member()}, street.key) for _ in range(14)]
    replies = at_once(tills, *(refund_of(street, sale, 0, 250) for sale in sales), *claims)
    assert outcomes(replies[:6]) == {(201, None): 6}
    found = outcomes(replies[6:])
    new = found.pop((201, None), 0)
    assert set(found) <= {(409, "campaign-sold-out")}
    assert 3 <= new <= 8
    counts = campaign_of(street, campaign)["counts"]
    assert (counts["issued"], counts["budget_left"]) == (6 + new, 9_500 - 1_000 * (6 + new))
    assert claim(street, campaign, street.member()).code == "campaign-sold-out"


ROUNDS = 20


def test_a_refund_meets_roll_backs_of_what_its_sale_linked(street: District, tills: Tills) -> None:
    """What was redeemed apart, linked by its sale, comes back once: by the refund, and whoever rolls back is told so."""
    campaign, queues = new_campaign(street, budget=1_000 * ROUNDS)["id"], []
    for n in range(ROUNDS):
        code = claim(street, campaign, street.member()).ok(201)["code"]
        bill = {"reference": f"R-{n}", "store_id": street.shop.store_id, "amount": 12_800}
        made = street.api.post(f"/v1/coupons/{code}/redeem", bill, street.key).ok(201)["id"]
        sale = street.api.post("/v1/transactions", bill, street.key).ok(201)
        undo = Post(f"/v1/redemptions/{made}/rollback", {"reference": "B", "reason": "x"}, street.key)
        queues += [[refund_of(street, sale, 0, 12_800)], [undo], [undo]]
    replies = [one for [one] in tills.in_turn(queues, patience=60)]
    assert outcomes(replies[::3]) == {(201, None): ROUNDS}
    assert outcomes([*replies[1::3], *replies[2::3]]) == {(409, "redemption-of-a-sale"): 2 * ROUNDS}
    assert returned(street) == ROUNDS
    counts = campaign_of(street, campaign)["counts"]
    assert (counts["redeemed"], counts["discount_given"], counts["budget_left"]) == (0, 0, 0)


def test_a_sale_its_refund_and_a_roll_back_come_at_once(street: District, tills: Tills) -> None:
    """Whichever is first, the coupon comes back once if at all, and the sale says whether it took it."""
    campaign, queues, made = new_campaign(street)["id"], [], []
    for n in range(ROUNDS):
        code = claim(street, campaign, street.member()).ok(201)["code"]
        bill = {"reference": f"R-{n}", "store_id": street.shop.store_id, "amount": 12_800}
        made.append(street.api.post(f"/v1/coupons/{code}/redeem", bill, street.key).ok(201)["id"])
        named = {"transaction_reference": f"R-{n}", "merchant_id": street.shop.merchant_id}
        refund = Post("/v1/refunds", {**named, "reference": f"F-{n}", "amount": 12_800}, street.key)
        undo = Post(f"/v1/redemptions/{made[-1]}/rollback", {"reference": "B", "reason": "x"}, street.key)
        queues += [[Post("/v1/transactions", bill, street.key)], [refund], [undo]]
    replies = [one for [one] in tills.in_turn(queues, patience=60)]
    back = 0
    for sold, refunded, undone, one in zip(replies[::3], replies[1::3], replies[2::3], made, strict=True):
        state = street.api.get(f"/v1/redemptions/{one}", street.key).ok(200)["state"]
        is_undone, is_refunded = undone.status == 200, refunded.status == 201
        assert sold.ok(201)["discount_amount"] == (0 if is_undone else 1_000)
        assert is_undone or undone.code == "redemption-of-a-sale", undone.body
        assert is_refunded or refunded.code == "sale-not-recorded-yet", refunded.body
        assert state == ("rolled_back" if is_undone else "returned" if is_refunded else "redeemed")
        back += is_undone or is_refunded
    assert returned(street) == back
    counts = campaign_of(street, campaign)["counts"]
    assert (counts["redeemed"], counts["discount_given"]) == (ROUNDS - back, 1_000 * (ROUNDS - back))

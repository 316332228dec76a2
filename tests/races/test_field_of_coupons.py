"""What coupons of other systems get wrong where many come at once."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.factories.coupons import campaign_of, claim, new_campaign, redemptions_of
from tests.factories.districts import District
from tests.factories.tills import Post, Tills, sale_at


def claim_by(street: District, campaign: Any, member: str) -> Post:
    return Post(f"/v1/campaigns/{campaign['id']}/claims", {"member_id": member}, street.key)


def test_of_three_coupons_three_are_redeemed(street: District, tills: Tills) -> None:
    """A limit of three holds against thirty who claim at once, and their bills show three discounts."""
    campaign = new_campaign(street, stock=3)
    claims = [[claim_by(street, campaign, street.member())] for _ in range(30)]
    given = [reply for [reply] in tills.in_turn(claims, patience=60)]
    assert Counter(one.status for one in given) == {201: 3, 409: 27}
    assert {one.code for one in given if one.status == 409} == {"campaign-sold-out"}
    codes = [one.body["code"] for one in given if one.status == 201]
    sales = [[sale_at(street, coupons=[code])] for code in codes * 8]
    sold = [reply for [reply] in tills.in_turn(sales, patience=60)]
    assert Counter(one.status for one in sold) == {201: 3, 422: 21}
    counts = campaign_of(street, campaign["id"])["counts"]
    assert (counts["issued"], counts["redeemed"], counts["discount_given"], counts["left"]) == (3, 3, 3_000, 0)


def test_one_coupon_at_all_shops_in_all_ways_pays_one_bill(street: District, tills: Tills) -> None:
    """Sold, redeemed apart and held at one moment, a coupon takes off one bill at most, and nobody is told otherwise."""
    coupon = claim(street, new_campaign(street)["id"], street.member()).ok(201)
    shops = (street.shop.store_id, street.other_shop.store_id)
    path, posts = f"/v1/coupons/{coupon['code']}", []
    for n in range(8):
        bill = {"reference": f"R{n}", "store_id": shops[n % 2]}
        posts += [
            [sale_at(street, **bill, coupons=[coupon["code"]])],
            [Post(f"{path}/redeem", {**bill, "amount": 12_800}, street.key)],
        ]
    replies = [reply for [reply] in tills.in_turn(posts, patience=60)]
    won = [reply for reply in replies if reply.status < 300]
    [kept] = redemptions_of(street)
    assert {one.body["discount_amount"] for one in won} == {1_000}
    assert {one.body["reference"] for one in won} == {kept["reference"]}
    assert campaign_of(street, coupon["campaign_id"])["counts"]["discount_given"] == 1_000


def test_one_member_claims_nine_times_at_once_and_has_one(street: District, tills: Tills) -> None:
    """Nine claims of one member with a limit of one give one coupon, and the others name it."""
    campaign, member = new_campaign(street, per_member_limit=1, stock=9), street.member()
    replies = [reply for [reply] in tills.in_turn([[claim_by(street, campaign, member)]] * 9, patience=60)]
    assert Counter(reply.status for reply in replies) == {201: 1, 409: 8}
    assert len({reply.body.get("coupon_id") or reply.body["id"] for reply in replies}) == 1
    assert campaign_of(street, campaign["id"])["counts"]["issued"] == 1

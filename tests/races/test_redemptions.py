"""A coupon is redeemed for a bill while its sale is reported: linked or refused, never lost, never twice."""

from __future__ import annotations

from tests.factories.coupons import claim, new_campaign, redemption_of, redemptions_of
from tests.factories.districts import District
from tests.factories.tills import Post, Tills
from tests.races.test_claims_of_coupons import members_of

ROUNDS = 60


def test_a_coupon_is_redeemed_while_its_sale_is_reported(street: District, tills: Tills) -> None:
    """The very first one of the merchant, too: its sales look for redemptions from then on."""
    campaign, members = new_campaign(street), members_of(street, ROUNDS)
    codes = [claim(street, campaign["id"], member).ok(201)["code"] for member in members]
    queues = []
    for n, code in enumerate(codes):
        where = {"reference": f"R-{n}", "store_id": street.shop.store_id, "amount": 12_800}
        queues += [
            [Post(f"/v1/coupons/{code}/redeem", where, street.key)],
            [Post("/v1/transactions", where, street.key)],
        ]
    replies = [one for [one] in tills.in_turn(queues, patience=60)]
    linked = 0
    for redeemed, sold in zip(replies[::2], replies[1::2], strict=True):
        assert sold.status == 201, sold.body
        if redeemed.status == 201:
            linked += 1
            assert sold.body["discount_amount"] == 1_000
            assert redemption_of(street, redeemed.body["id"])["transaction_id"] == sold.body["id"]
        else:
            assert redeemed.code == "sale-already-recorded", redeemed.body
            assert sold.body["discount_amount"] == 0
    counts = street.api.get(f"/v1/campaigns/{campaign['id']}", street.key).ok(200)["counts"]
    assert (counts["redeemed"], counts["discount_given"]) == (linked, 1_000 * linked)


def test_it_is_rolled_back_while_its_sale_is_reported(street: District, tills: Tills) -> None:
    campaign, members = new_campaign(street), members_of(street, ROUNDS)
    queues, made = [], []
    for n, member in enumerate(members):
        code = claim(street, campaign["id"], member).ok(201)["code"]
        where = {"reference": f"R-{n}", "store_id": street.shop.store_id, "amount": 12_800}
        made.append(street.api.post(f"/v1/coupons/{code}/redeem", where, street.key).ok(201)["id"])
        undo = Post(f"/v1/redemptions/{made[-1]}/rollback", {"reference": "B", "reason": "x"}, street.key)
        queues += [[undo], [Post("/v1/transactions", where, street.key)]]
    replies = [one for [one] in tills.in_turn(queues, patience=60)]
    for one, undone, sold in zip(made, replies[::2], replies[1::2], strict=True):
        kept = redemption_of(street, one)
        assert sold.status == 201, sold.body
        if undone.status == 200:
            assert (kept["state"], kept["transaction_id"], sold.body["discount_amount"]) == ("rolled_back", None, 0)
        else:
            assert undone.code == "redemption-of-a-sale", undone.body
            assert (kept["transaction_id"], sold.body["discount_amount"]) == (sold.body["id"], 1_000)


def test_one_coupon_for_many_bills(street: District, tills: Tills) -> None:
    """By sales, by redemptions, by reservations: one of them has it."""
    campaign = new_campaign(street)
    for member in members_of(street, 6):
        code = claim(street, campaign["id"], member).ok(201)["code"]
        queues = []
        for n in range(6):
            where = {"reference": f"{member}-{n}", "store_id": street.shop.store_id}
            sale = Post("/v1/transactions", {**where, "amount": 12_800, "coupons": [code]}, street.key)
            hold = Post(f"/v1/coupons/{code}/reserve", {**where, "ttl_seconds": 60}, street.key)
            apart = Post(f"/v1/coupons/{code}/redeem", {**where, "amount": 12_800}, street.key)
            queues += [[sale], [hold], [apart]]
        replies = [one for [one] in tills.in_turn(queues, patience=60)]
        bills = {place // 3 for place, reply in enumerate(replies) if reply.status in (200, 201)}
        assert len(bills) == 1, "a bill may hold, redeem and report"
        rows = redemptions_of(street, f"?campaign_id={campaign['id']}&limit=100")
        rows = [one for one in rows if one["reference"].startswith(member)]
        assert len(rows) <= 1

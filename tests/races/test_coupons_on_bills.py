"""Coupons that several tills use at one moment: each on one bill, all of a bill or none, whatever is given back meanwhile."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.factories.api import Reply
from tests.factories.coupons import act, campaign_of, claim, new_campaign
from tests.factories.districts import District
from tests.factories.points import change_programme
from tests.factories.tills import Post, Tills, sale_at

CROWD = 24


def coupon(street: District, member: str, **terms: Any) -> Any:
    """A coupon of a campaign of its own."""
    return claim(street, new_campaign(street, **terms)["id"], member).ok(201)


def at_once(tills: Tills, *posts: Post) -> list[Reply]:
    """Each call by a till of its own; who is told that it is busy here (503) comes again."""
    return [reply for [reply] in tills.in_turn([[post] for post in posts], patience=60)]


def outcomes(replies: list[Reply]) -> Counter[str]:
    """Sales that were recorded, and by pointers and codes those that weren't."""
    return Counter(str(reply.status) if reply.status < 300 else flaws(reply) for reply in replies)


def flaws(reply: Reply) -> str:
    return " ".join(f"{one['pointer']} {one['code']}" for one in reply.body.get("errors", ())) or str(reply.code)


def counts(street: District, made: Any) -> dict[str, Any]:
    """Those counts of a coupon's campaign that aren't 0 or null."""
    return {name: one for name, one in campaign_of(street, made["campaign_id"])["counts"].items() if one}


def sale_ids(street: District, member: str) -> list[str]:
    told = street.api.get(f"/v1/transactions?member_id={member}&limit=100", street.key).ok(200)["data"]
    return [one["id"] for one in told]


def test_one_coupon_at_many_tills_is_used_once(street: District, tills: Tills) -> None:
    member = street.member()
    made = coupon(street, member, budget=10_000)
    replies = at_once(tills, *[sale_at(street, coupons=[made["code"]]) for _ in range(CROWD)])
    assert outcomes(replies) == {"201": 1, "/coupons/0 redeemed": CROWD - 1}
    assert counts(street, made) == {"issued": 1, "redeemed": 1, "discount_given": 1_000, "budget_left": 9_000}
    assert sale_ids(street, member) == [reply.body["id"] for reply in replies if reply.status == 201]


def test_one_coupon_in_many_batches_is_used_once(street: District, tills: Tills) -> None:
    made = coupon(street, street.member())
    batches = [
        Post(
            "/v1/transactions/batch",
            {"transactions": [street.sale(), street.sale(coupons=[made["code"]])]},
            street.key,
        )
        for _ in range(CROWD)
    ]
    rows = [row for reply in at_once(tills, *batches) for row in reply.ok(200)["results"]]
    assert Counter(row["status"] for row in rows) == {201: CROWD + 1, 422: CROWD - 1}
    assert counts(street, made) == {"issued": 1, "redeemed": 1, "discount_given": 1_000}


def test_a_sale_that_many_tills_report_uses_its_coupon_once(street: District, tills: Tills) -> None:
    made = coupon(street, street.member())
    post = sale_at(street, coupons=[made["code"]])
    replies = at_once(tills, *[post] * CROWD)
    assert Counter(reply.status for reply in replies) == {201: 1, 200: CROWD - 1}
    assert {(reply.body["id"], reply.body["discount_amount"]) for reply in replies} == {(replies[0].body["id"], 1_000)}
    assert counts(street, made) == {"issued": 1, "redeemed": 1, "discount_given": 1_000}


def test_a_sale_that_many_tills_report_spends_its_points_once(street: District, tills: Tills) -> None:
    change_programme(street, spend_proof="any")
    member = street.member()
    street.report(member_id=member).ok(201)
    post = sale_at(street, member_id=member, points_to_spend=128)
    replies = at_once(tills, *[post] * CROWD)
    assert Counter(reply.status for reply in replies) == {201: 1, 200: CROWD - 1}


def test_of_bills_that_share_coupons_each_takes_all_of_its_own_or_none(street: District, tills: Tills) -> None:
    """Three coupons, each pair on some bills, in either order: one bill is paid, and the third coupon stays."""
    member = street.member()
    made = [coupon(street, member, stacking_group=f"g{n}", amount_off=100 * n, min_amount=0) for n in (1, 2, 3)]
    pairs = [(0, 1), (1, 0), (1, 2), (2, 1), (0, 2), (2, 0)] * 6
    posts = [sale_at(street, coupons=[made[one]["code"] for one in pair]) for pair in pairs]
    replies = at_once(tills, *posts)
    taken = [pair for pair, reply in zip(pairs, replies, strict=True) if reply.status == 201]
    assert len(taken) == 1
    used = [counts(street, one).get("redeemed", 0) for one in made]
    assert used == [int(number in taken[0]) for number in range(3)]


def test_nothing_is_used_after_a_pause_is_answered(street: District, tills: Tills) -> None:
    campaign = new_campaign(street)
    codes = [claim(street, campaign["id"], street.member()).ok(201)["code"] for _ in range(2 * CROWD)]
    seen: list[int] = []

    def pause() -> None:
        act(street, campaign["id"], "pause").ok(200)
        seen.append(campaign_of(street, campaign["id"])["counts"]["redeemed"])

    queues = [[sale_at(street, coupons=[code])] for code in codes]
    counted = outcomes([one for [one] in tills.in_turn(queues, patience=60, meanwhile=pause)])
    assert counted.keys() <= {"201", "/coupons/0 campaign-paused"}
    assert seen == [counted["201"]] == [campaign_of(street, campaign["id"])["counts"]["redeemed"]]


def test_a_coupon_that_comes_back_is_used_by_one_of_those_who_wait_for_it(street: District, tills: Tills) -> None:
    """Its sale is refunded by several at once, while others try to pay with it."""
    member = street.member()
    made = coupon(street, member, budget=10_000)
    first = street.report(coupons=[made["code"]]).ok(201)
    refunds = [
        Post("/v1/refunds", {"transaction_id": first["id"], "reference": f"B{n}", "amount": 12_800}, street.key)
        for n in range(4)
    ]
    queues = [[sale_at(street, coupons=[made["code"]]) for _ in range(4)] for _ in range(8)]
    answers = tills.in_turn([*queues, *[[one] for one in refunds]], patience=60)
    sales = [one for queue in answers[:8] for one in queue]
    counted = outcomes(sales)
    assert counted.keys() <= {"201", "/coupons/0 redeemed"}
    assert counted["201"] <= 1
    assert outcomes([one for [one] in answers[8:]]) == {"201": 1, "/amount out-of-range": 3}
    used = counted["201"]
    wanted = {"issued": 1, "redeemed": used, "discount_given": 1_000 * used, "budget_left": 9_000}
    assert counts(street, made) == {name: one for name, one in wanted.items() if one}


def test_the_last_of_a_budget_is_given_once_though_some_comes_back(street: District, tills: Tills) -> None:
    """Sales that use less than was set aside leave room for two coupons more, of forty that are asked for."""
    campaign = new_campaign(street, budget=4_000, min_amount=0)
    made = [claim(street, campaign["id"], street.member()).ok(201) for _ in range(4)]
    small = [[sale_at(street, coupons=[one["code"]], amount=500)] for one in made]
    path = f"/v1/campaigns/{campaign['id']}/claims"
    wanted = [[Post(path, {"member_id": street.member()}, street.key)] for _ in range(40)]
    answers = [one for [one] in tills.in_turn([*small, *wanted], patience=60)]
    assert outcomes(answers[:4]) == {"201": 4}
    given = outcomes(answers[4:])["201"]
    late = outcomes([claim(street, campaign["id"], street.member()) for _ in range(4)])
    assert given + late["201"] == 2
    assert counts(street, {"campaign_id": campaign["id"]}) == {"issued": 6, "redeemed": 4, "discount_given": 2_000}


def on_coupon(street: District, made: Any, verb: str, **body: Any) -> Post:
    """A call for a coupon at the first shop."""
    return Post(f"/v1/coupons/{made['code']}/{verb}", {"store_id": street.shop.store_id, **body}, street.key)


def test_of_many_who_hold_a_coupon_one_does(street: District, tills: Tills) -> None:
    made = coupon(street, street.member())
    posts = [on_coupon(street, made, "reserve", reference=f"R{n}", ttl_seconds=600) for n in range(CROWD)]
    replies = at_once(tills, *posts)
    [winner] = [n for n, reply in enumerate(replies) if reply.status < 300]
    assert {flaws(reply) for reply in replies if reply.status >= 300} == {"/code reserved"}
    assert counts(street, made) == {"issued": 1, "reserved": 1}
    sales = [sale_at(street, reference=f"R{n}", coupons=[made["code"]]) for n in range(CROWD)]
    paid = [n for n, reply in enumerate(at_once(tills, *sales)) if reply.status == 201]
    assert paid == [winner]


def test_a_coupon_that_many_redeem_apart_is_redeemed_once(street: District, tills: Tills) -> None:
    made = coupon(street, street.member())
    posts = [on_coupon(street, made, "redeem", reference=f"R{n % 2}", amount=12_800) for n in range(CROWD)]
    replies = at_once(tills, *posts)
    assert Counter(reply.status for reply in replies) == {201: 1, 200: CROWD // 2 - 1, 422: CROWD // 2}
    assert len({reply.body["id"] for reply in replies if reply.status < 300}) == 1
    assert counts(street, made) == {"issued": 1, "redeemed": 1, "discount_given": 1_000}


def test_a_redemption_that_is_rolled_back_sets_its_coupon_free_for_one(street: District, tills: Tills) -> None:
    made = coupon(street, street.member(), budget=10_000)
    redeemed = at_once(tills, on_coupon(street, made, "redeem", reference="R", amount=12_800))[0].ok(201)
    body = {"reference": "B", "reason": "错"}
    backs = [Post(f"/v1/redemptions/{redeemed['id']}/rollback", body, street.key)] * 4
    sales = [[sale_at(street, coupons=[made["code"]]) for _ in range(4)] for _ in range(8)]
    answers = tills.in_turn([*sales, *[[one] for one in backs]], patience=60)
    counted = outcomes([one for queue in answers[:8] for one in queue])
    assert counted.keys() <= {"201", "/coupons/0 redeemed"}
    assert counted["201"] <= 1
    assert {(one.status, one.body["state"]) for [one] in answers[8:]} <= {(200, "rolled_back"), (201, "rolled_back")}
    wanted = {"issued": 1, "redeemed": counted["201"], "discount_given": 1_000 * counted["201"], "budget_left": 9_000}
    assert counts(street, made) == {name: one for name, one in wanted.items() if one}

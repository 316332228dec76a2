"""Points buy coupons while others want the same points, and while workers are killed: each coupon is paid, once."""

from __future__ import annotations

import os
import signal
from collections import Counter

from tests.factories.coupons import campaign_of, coupons_of, new_campaign
from tests.factories.districts import District
from tests.factories.processes import PATIENCE_SECONDS
from tests.factories.tills import Post, Tills, sale_at
from tests.factories.web_workers import settled_workers, wait_for_workers


def rich(street: District, points: int) -> str:
    member = street.member()
    street.report(member_id=member, amount=points * 100).ok(201)
    return member


def priced(street: District) -> str:
    return str(new_campaign(street, issuing=["points"], points_price=100)["id"])


def test_the_last_points_buy_one_coupon(street: District, tills: Tills) -> None:
    """Many claims and a bill want the same points: as many are served as there are points, and all of them are paid."""
    cam, member = priced(street), rich(street, 350)
    wants = [[Post(f"/v1/campaigns/{cam}/claims", {"member_id": member}, street.key)] for _ in range(20)]
    bill = [sale_at(street, member_id=member, amount=10_000, eligible_amount=0, points_to_spend=100)]
    *claims, sold = [one for [one] in tills.in_turn([*wants, bill], patience=PATIENCE_SECONDS)]
    outcomes = Counter("201" if reply.status == 201 else str(reply.code) for reply in claims)
    assert outcomes.keys() == {"201", "not-enough-points"}
    assert outcomes["201"] + (sold.status == 201) == 3
    assert len(coupons_of(street, member)) == outcomes["201"]
    assert street.balance(member)["available"] == 50


def test_who_claims_again_after_a_crash_pays_once(street: District, tills: Tills, address: str) -> None:
    cam, members = priced(street), [rich(street, 1_000) for _ in range(8)]
    queues = [
        [Post(f"/v1/campaigns/{cam}/claims", {"member_id": member}, street.key, f"{member} {n}") for n in range(10)]
        for member in members
    ]
    before = settled_workers(address)

    def kill() -> None:
        os.kill(min(before), signal.SIGKILL)

    replies = tills.in_turn(queues, patience=PATIENCE_SECONDS, meanwhile=kill)
    wait_for_workers(address, [min(before)])
    assert {reply.status for till in replies for reply in till} == {201}
    assert {len(coupons_of(street, member)) for member in members} == {10}
    assert {street.balance(member)["available"] for member in members} == {0}
    assert campaign_of(street, cam)["counts"]["issued"] == 80


def test_a_coupon_is_taken_back_while_its_member_becomes_another(street: District, tills: Tills) -> None:
    cam, old, survivor = priced(street), rich(street, 500), rich(street, 500)
    codes = [
        street.api.post(f"/v1/campaigns/{cam}/claims", {"member_id": old}, street.key).ok(201)["code"] for _ in range(5)
    ]
    voids = [[Post(f"/v1/coupons/{code}/void", {"reason": "误发"}, street.key)] for code in codes for _ in range(2)]
    merge = [Post(f"/v1/members/{old}/merge", {"into": survivor}, street.key)]
    *taken, merged = [one for [one] in tills.in_turn([*voids, merge], patience=PATIENCE_SECONDS)]
    assert merged.status == 200, merged.body
    assert Counter(reply.status for reply in taken) == {200: 5, 409: 5}
    assert street.balance(survivor)["available"] == 1_000

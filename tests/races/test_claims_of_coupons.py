"""Many want few coupons: exactly as many are given as there are, and nobody is refused while one is left."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from app.foundation.clock import format_instant, parse_instant, start_of_day
from tests.factories.api import Api, Reply
from tests.factories.books import broken
from tests.factories.clock import SHANGHAI, now
from tests.factories.coupons import campaign_of, change, claim, coupons_of, new_campaign
from tests.factories.districts import District, new_phone
from tests.factories.sandboxes import advance, new_sandbox, now_in
from tests.factories.tills import Post, Tills


def members_of(street: District, count: int) -> list[str]:
    body = {"members": [{"phone": new_phone()} for _ in range(count)]}
    rows = street.api.post("/v1/members/batch", body, street.key).ok(200)["results"]
    return [row["member"]["id"] for row in rows]


def claims(street: District, campaign: Any, members: list[str]) -> list[Post]:
    path = f"/v1/campaigns/{campaign['id']}/claims"
    return [Post(path, {"member_id": member}, street.key) for member in members]


def at_once(tills: Tills, *posts: Post) -> list[Reply]:
    """Each call by a till of its own, all at one moment; nobody is told that it is busy here (503)."""
    return [reply for [reply] in tills.in_turn([[post] for post in posts])]


def outcomes(replies: list[Reply]) -> Counter[str]:
    return Counter("201" if reply.status == 201 else str(reply.code) for reply in replies)


@pytest.mark.parametrize(
    ("terms", "given"),
    [
        ({"stock": 100}, 100),
        ({"budget": 100_999}, 100),
        ({"stock": 120, "budget": 100_000, "per_day_stock": 110, "per_member_limit": 1}, 100),
        ({"stock": 17}, 17),
        ({"stock": 1}, 1),
    ],
)
def test_four_hundred_claim(street: District, tills: Tills, terms: dict[str, Any], given: int) -> None:
    campaign = new_campaign(street, **terms)
    replies = at_once(tills, *claims(street, campaign, members_of(street, 400)))
    assert outcomes(replies) == {"201": given, "campaign-sold-out": 400 - given}
    assert len({reply.body["code"] for reply in replies if reply.status == 201}) == given
    assert campaign_of(street, campaign["id"])["counts"]["issued"] == given


def test_the_stock_of_a_release(street: District, tills: Tills) -> None:
    """Half of the day's stock is open since a release, and no more before the next."""
    local = now().astimezone(SHANGHAI)
    if not 2 <= local.hour < 22:
        pytest.skip("midnight is near")
    releases = [f"{(local + timedelta(hours=hours)):%H:%M}" for hours in (-1, 1)]
    campaign = new_campaign(street, per_day_stock=60, release_times=releases, stock=1_000)
    replies = at_once(tills, *claims(street, campaign, members_of(street, 120)))
    assert outcomes(replies) == {"201": 30, "campaign-sold-out": 90}
    assert all(reply.body["opens_at"] for reply in replies if reply.status == 409)


@pytest.mark.parametrize("is_midnight", [False, True])
def test_the_clock_crosses_a_release_while_many_claim(
    live: Api, context: None, tills: Tills, *, is_midnight: bool
) -> None:
    """What opens then is given to the last one and no more, and nobody had any of it before."""
    sandbox = new_sandbox(live)
    local = now_in(sandbox).astimezone(SHANGHAI)
    tomorrow = start_of_day(local.date() + timedelta(days=1), SHANGHAI)
    opens = tomorrow + (timedelta(0) if is_midnight else timedelta(hours=10))
    advance(sandbox, to=opens - timedelta(seconds=90))
    releases = [] if is_midnight else ["08:00", "10:00"]
    campaign = new_campaign(sandbox, per_day_stock=40, release_times=releases, stock=1_000)
    queues = [[post] * 3 for post in claims(sandbox, campaign, members_of(sandbox, 90))]
    told = tills.in_turn(queues, patience=60, meanwhile=lambda: advance(sandbox, to=opens))
    replies = [reply for queue in told for reply in queue]
    replies += [claim(sandbox, campaign["id"], one) for one in members_of(sandbox, 80)]
    assert outcomes(replies).keys() == {"201", "campaign-sold-out"}
    early = sum(parse_instant(reply.body["issued_at"]) < opens for reply in replies if reply.status == 201)
    most = 40 if is_midnight else 20
    was_refused = any(reply.body.get("opens_at") == format_instant(opens) for reply in replies)
    assert early == most if was_refused else early <= most
    assert outcomes(replies)["201"] == 40 + (early if is_midnight else 0)
    assert broken(sandbox.id) == {}


def test_one_member_claims_many_times(street: District, tills: Tills) -> None:
    campaign, member = new_campaign(street, per_member_limit=3, stock=10), street.member()
    replies = at_once(tills, *claims(street, campaign, [member] * 40))
    assert outcomes(replies) == {"201": 3, "claim-limit-reached": 37}
    had = {one["id"] for one in coupons_of(street, member)}
    assert {reply.body["coupon_id"] for reply in replies if reply.status == 409} <= had
    assert len(had) == 3


def test_one_claim_that_is_repeated_is_one_coupon(street: District, tills: Tills) -> None:
    campaign, member = new_campaign(street, stock=10), street.member()
    path = f"/v1/campaigns/{campaign['id']}/claims"
    replies = at_once(tills, *[Post(path, {"member_id": member}, street.key, "once")] * 20)
    done = [reply for reply in replies if reply.status == 201]
    assert {reply.code for reply in replies if reply.status != 201} <= {"idempotency-key-in-use"}
    assert len({reply.body["id"] for reply in done}) == len(coupons_of(street, member)) == 1


def test_what_is_taken_back_meanwhile_is_given_again(street: District, tills: Tills) -> None:
    """With coupons voided and the stock raised in the middle of the rush, each that there is finds a member."""
    campaign = new_campaign(street, budget=50_000)
    early = [claim(street, campaign["id"], one).ok(201)["code"] for one in members_of(street, 50)]
    voids = [Post(f"/v1/coupons/{code}/void", {"reason": "误发"}, street.key) for code in early[:20]]
    rush = claims(street, campaign, members_of(street, 100))
    queues = [[post] for post in (*rush, *voids)]
    replies = [one for [one] in tills.in_turn(queues, patience=60, meanwhile=lambda: _raise(street, campaign))]
    assert {reply.status for reply in replies[100:]} == {200}
    given = outcomes(replies[:100])["201"]
    late = [claim(street, campaign["id"], one) for one in members_of(street, 100)]
    assert given + outcomes(late)["201"] == 20 + 30
    assert outcomes([*replies[:100], *late]) == {"201": 50, "campaign-sold-out": 150}
    assert campaign_of(street, campaign["id"])["counts"]["budget_left"] == 0


def _raise(street: District, campaign: Any) -> None:
    change(street, campaign["id"], budget=80_000).ok(200)


def test_nothing_is_given_after_a_pause_is_answered(street: District, tills: Tills) -> None:
    campaign = new_campaign(street)
    seen: list[int] = []

    def pause() -> None:
        street.api.post(f"/v1/campaigns/{campaign['id']}/pause", {}, street.key).ok(200)
        seen.append(campaign_of(street, campaign["id"])["counts"]["issued"])

    queues = [[post] for post in claims(street, campaign, members_of(street, 200))]
    replies = [one for [one] in tills.in_turn(queues, patience=60, meanwhile=pause)]
    counted = outcomes(replies)
    assert counted.keys() <= {"201", "campaign-not-running"}
    assert seen == [counted["201"]] == [campaign_of(street, campaign["id"])["counts"]["issued"]]


def test_members_become_one_while_they_claim(street: District, tills: Tills) -> None:
    campaign = new_campaign(street, per_member_limit=2)
    old, survivor = members_of(street, 2)
    merge = Post(f"/v1/members/{old}/merge", {"into": survivor}, street.key)
    replies = at_once(tills, *claims(street, campaign, [old, survivor] * 10), merge)
    assert replies[-1].status == 200, replies[-1].body
    assert outcomes(replies[:-1]).keys() <= {"201", "claim-limit-reached"}
    assert len(coupons_of(street, survivor)) == outcomes(replies[:-1])["201"] in (2, 3, 4)

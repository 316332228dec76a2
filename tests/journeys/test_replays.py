"""Rules rehearsed over real sales: what they would have given, against what was awarded."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from redis import Redis

from app.config import Settings
from app.foundation.jobs.queue import LONG, queue
from app.transactions.replays import services as replaying
from app.transactions.tasks import ask_waiting_replays, run_replay
from tests.factories.clock import ago, ahead
from tests.factories.districts import District
from tests.factories.points import base_rule, draft, new_version
from tests.factories.refunds import give_back

pytestmark = pytest.mark.usefixtures("context")
DOUBLE = {
    "key": "double",
    "kind": "multiplier",
    "name": "Double",
    "factor": "2.0",
    "funding": {"merchant": 0, "district": 100},
}
WELCOME = {
    "key": "welcome",
    "kind": "bonus",
    "name": "Welcome",
    "points": 50,
    "conditions": {"min_amount": 100, "first_in_district": True},
}


def ask(district: District, rule_set_id: str, **period: str) -> dict[str, Any]:
    body = {"from": ago(days=400), "to": ahead(minutes=1), **period}
    made: dict[str, Any] = district.api.post(f"/v1/rule-sets/{rule_set_id}/replay", body, district.key).ok(202)
    return made


def rehearse(district: District, rule_set_id: str, **period: str) -> dict[str, Any]:
    asked = ask(district, rule_set_id, **period)
    run_replay(district.id, asked["id"])  # unless a worker was quicker
    told = district.api.get(f"/v1/replays/{asked['id']}", district.key).ok(200)
    assert told["status"] == "done"
    assert told["progress"]["done"] == told["progress"]["total"] == told["result"]["sales"]
    result: dict[str, Any] = told["result"]
    return result


def test_a_draft_over_what_was_sold(district: District) -> None:
    members = [district.member(), district.member()]
    district.report(member_id=members[0], amount=10_000).ok(201)
    district.report(member_id=members[1], amount=5_000, store_id=district.other_shop.store_id).ok(201)
    district.report(amount=7_000).ok(201)
    rules = draft(district, base_rule(), DOUBLE).ok(201)
    result = rehearse(district, rules["id"])
    assert (result["sales"], result["members"], result["points"], result["awarded"]) == (2, 2, 300, 150)
    assert result["cost"] == {"merchant": 150, "district": 150}
    assert result["awarded_cost"] == {"merchant": 150, "district": 0}
    assert {one["merchant_id"]: (one["points"], one["awarded"]) for one in result["merchants"]} == {
        district.shop.merchant_id: (200, 100),
        district.other_shop.merchant_id: (100, 50),
    }
    assert [(one["rule_key"], one["points"], one["awarded"]) for one in result["rules"]] == [
        ("base", 150, 150),
        ("double", 150, 0),
    ]
    assert [(one["member_id"], one["change"]) for one in result["gaining"]] == [(members[0], 100), (members[1], 50)]
    assert (result["losing"], len(result["days"])) == ([], 1)
    assert [district.balance(member)["available"] for member in members] == [100, 50], "nothing was posted"


def test_the_version_in_force_comes_to_what_was_awarded(district: District) -> None:
    """Frozen room, firsts and facts: exactly, with refunds and claims in between."""
    version = new_version(
        district,
        base_rule(caps={"per_member_per_day": 150, "budget": 400}, funding={"merchant": 67, "district": 33}),
        WELCOME,
        DOUBLE,
    )
    members = [district.member() for _ in range(3)]
    for amount in (9_999, 12_345, 777, 0):
        for member in members:
            district.report(member_id=member, amount=amount).ok(201)
    sale = district.report(amount=9_000).ok(201)
    give_back(district, sale["id"], 1_234)
    path = f"/v1/transactions/{sale['id']}/claim"
    claimed = district.api.post(path, {"member_id": district.member()}, district.key).ok()
    give_back(district, claimed["id"], 1_000)
    result = rehearse(district, version["id"])
    for told in (result, *result["merchants"], *result["rules"], *result["days"]):
        assert told["points"] == told["awarded"]
    assert result["cost"] == result["awarded_cost"]
    assert result["awarded"] > 0
    assert (result["gaining"], result["losing"]) == ([], [])


def test_what_was_given_back_before_a_claim_is_told_by_the_refund_not_by_clocks(
    district: District, superuser: psycopg.Connection
) -> None:
    """A claim that has waited for a refund is of an earlier instant, and yet awards what the refund left."""
    sale = district.report(amount=9_000).ok(201)
    before = give_back(district, sale["id"], 4_000)
    path = f"/v1/transactions/{sale['id']}/claim"
    assert district.api.post(path, {"member_id": district.member()}, district.key).ok()["points_earned"] == 50
    give_back(district, sale["id"], 1_000)
    later = "UPDATE refunds SET recorded_at = now() + interval '1 hour' WHERE id = %s"
    superuser.execute(later, (before["id"][4:],))
    [version] = district.api.get("/v1/rule-sets", district.key).ok()["data"]
    result = rehearse(district, version["id"])
    assert (result["points"], result["awarded"]) == (50, 50)


def test_a_draft_counts_caps_anew_and_sees_firsts(district: District) -> None:
    members = [district.member(), district.member()]
    for member in members:
        for _ in range(3):
            district.report(member_id=member, amount=10_000).ok(201)
    rules = draft(district, base_rule(caps={"per_member_total": 150, "budget": 220}), WELCOME).ok(201)
    result = rehearse(district, rules["id"])
    assert result["points"] == 150 + 70 + 2 * 50
    assert [(one["rule_key"], one["points"]) for one in result["rules"]] == [("base", 220), ("welcome", 100)]
    assert [one["change"] for one in result["losing"]] == [70 + 50 - 300, 150 + 50 - 300]


def test_a_period_is_half_open_and_of_when_it_was_sold(district: District) -> None:
    member = district.member()
    when = ago(days=3)
    district.report(member_id=member, amount=1_000, occurred_at=when).ok(201)
    rules = draft(district, base_rule()).ok(201)
    assert rehearse(district, rules["id"], **{"from": when})["sales"] == 1
    assert rehearse(district, rules["id"], to=when)["sales"] == 0
    refused = district.api.post(f"/v1/rule-sets/{rules['id']}/replay", {"from": when, "to": when}, district.key)
    assert (refused.status, refused.pointers) == (422, {"/to"})


def test_rules_that_do_not_fit_are_not_rehearsed(district: District) -> None:
    rules = draft(district, base_rule(), base_rule(key="other")).ok(201)
    body = {"from": ago(days=1), "to": ahead(days=1)}
    refused = district.api.post(f"/v1/rule-sets/{rules['id']}/replay", body, district.key)
    assert (refused.status, refused.code) == (422, "rule-set-not-fit")


def test_a_replay_is_cancelled_and_stays_so(district: District) -> None:
    rules = draft(district, base_rule()).ok(201)
    asked = ask(district, rules["id"])
    path = f"/v1/replays/{asked['id']}"
    assert district.api.post(f"{path}/cancel", {}, district.key).ok(200)["status"] == "cancelled"
    assert not run_replay(district.id, asked["id"])
    assert district.api.get(path, district.key).ok()["status"] == "cancelled"


def test_it_stops_at_the_next_step_when_cancelled(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    district.report(member_id=district.member()).ok(201)
    rules = draft(district, base_rule()).ok(201)
    asked = ask(district, rules["id"])
    goes_on = replaying._goes_on

    def cancelled(*arguments: Any) -> bool:
        district.api.post(f"/v1/replays/{asked['id']}/cancel", {}, district.key).ok(200)
        return goes_on(*arguments)

    monkeypatch.setattr(replaying, "_goes_on", cancelled)
    assert not run_replay(district.id, asked["id"])
    told = district.api.get(f"/v1/replays/{asked['id']}", district.key).ok()
    assert (told["status"], told["result"]) == ("cancelled", None)


def test_one_whose_job_was_lost_gets_another(district: District, settings: Settings) -> None:
    district.report(member_id=district.member()).ok(201)
    rules = draft(district, base_rule()).ok(201)
    asked = ask(district, rules["id"])
    jobs = queue(Redis.from_url(settings.redis_url), LONG)
    jobs.empty()
    assert ask_waiting_replays() >= 1
    assert [job.args for job in jobs.jobs].count([district.id, asked["id"]]) == 1
    assert run_replay(district.id, asked["id"])
    assert not run_replay(district.id, asked["id"]), "whoever comes second has nothing to do"


def test_another_district_s_replay_is_not_found(district: District, other_district: District) -> None:
    rules = draft(other_district, base_rule()).ok(201)
    asked = ask(other_district, rules["id"])
    assert district.api.get(f"/v1/replays/{asked['id']}", district.key).status == 404
    assert district.api.post(f"/v1/replays/{asked['id']}/cancel", {}, district.key).status == 404
    body = {"from": ago(days=1), "to": ahead(days=1)}
    assert district.api.post(f"/v1/rule-sets/{rules['id']}/replay", body, district.key).status == 404

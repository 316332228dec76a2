"""`/v1/tiers`: made, read and changed by the alliance, named by rules, and seen by nobody else."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.factories.books import broken, uuid
from tests.factories.codes import new_phone_of, resolve
from tests.factories.districts import District
from tests.factories.points import base_rule, draft, multiplier
from tests.factories.problems import check_problem
from tests.factories.tiers import change_tier, name_of, new_tier, tier_of

GOLD = {"name": "Gold", "rank": 2, "qualifies_by": "points_earned", "threshold": 5_000, "period_days": 365}


def listed(district: District) -> list[dict[str, Any]]:
    page = district.api.get("/v1/tiers", district.key).ok(200)
    rows: list[dict[str, Any]] = page["data"]
    return rows


def test_a_tier_is_made_read_and_changed(district: District) -> None:
    made = district.api.post("/v1/tiers", GOLD, district.key, "once").ok(201)
    assert {name: made[name] for name in GOLD} == GOLD
    assert district.api.post("/v1/tiers", GOLD, district.key, "once").ok(201) == made
    assert district.api.get(f"/v1/tiers/{made['id']}", district.shop.key).status == 403
    assert district.api.get(f"/v1/tiers/{made['id']}", district.key).ok() == made
    silver = district.api.post("/v1/tiers", {**GOLD, "name": "银卡", "rank": 1}, district.key).ok(201)
    assert [row["id"] for row in listed(district)] == [silver["id"], made["id"]]
    changed = change_tier(district, made["id"], threshold=6_000)
    assert changed == {**made, "threshold": 6_000, "updated_at": changed["updated_at"]}
    assert changed["updated_at"] > made["updated_at"]
    assert change_tier(district, made["id"], threshold=6_000) == changed
    for kind, data in (
        ("created", [{"tier_id": silver["id"], "rank": 1}, {"tier_id": made["id"], "rank": 2}]),
        ("changed", [{"tier_id": made["id"], "fields": ["threshold"]}]),
    ):
        events = district.api.get(f"/v1/events?type=tier.{kind}", district.key).ok()["data"]
        assert [event["data"] for event in events] == data


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"threshold": 0}, "/threshold", "out-of-range"),
        ({"threshold": "5000"}, "/threshold", "invalid-type"),
        ({"period_days": 0}, "/period_days", "out-of-range"),
        ({"period_days": 3_661}, "/period_days", "out-of-range"),
        ({"rank": -1}, "/rank", "out-of-range"),
        ({"qualifies_by": "visits"}, "/qualifies_by", "not-a-choice"),
        ({"name": ""}, "/name", "invalid-length"),
        ({"colour": "gold"}, "/colour", "unknown-field"),
    ],
)
def test_bad_terms_are_refused(district: District, changes: dict[str, Any], pointer: str, code: str) -> None:
    gold = new_tier(district)
    for method, path, body in (("POST", "/v1/tiers", {**GOLD, **changes}), ("PATCH", f"/v1/tiers/{gold}", changes)):
        refused = check_problem(district.api.call(method, path, body, key=district.key), 422, "validation-failed")
        assert [(flaw["pointer"], flaw["code"]) for flaw in refused.body["errors"]] == [(pointer, code)]
    [row] = listed(district)
    assert (row["name"], row["threshold"]) == ("Gold", 500)


def test_each_rank_stands_once(district: District, other_district: District) -> None:
    gold, silver = new_tier(district), new_tier(district, "Silver", 1)
    check_problem(district.api.post("/v1/tiers", GOLD, district.key), 409, "rank-taken")
    check_problem(district.api.patch(f"/v1/tiers/{silver}", {"rank": 2}, district.key), 409, "rank-taken")
    assert change_tier(district, gold, rank=2)["rank"] == 2
    assert change_tier(district, gold, rank=3)["rank"] == 3
    assert change_tier(district, silver, rank=2)["rank"] == 2
    assert new_tier(other_district)


def test_only_the_alliance_writes_tiers(district: District) -> None:
    gold = new_tier(district)
    key = district.merchant_key(district.shop, scopes=["programme:read"])
    assert district.api.get(f"/v1/tiers/{gold}", key).ok()["name"] == "Gold"
    check_problem(district.api.post("/v1/tiers", GOLD, key), 403, "forbidden")
    check_problem(district.api.patch(f"/v1/tiers/{gold}", {"rank": 7}, key), 403, "forbidden")
    assert [row["rank"] for row in listed(district)] == [2]


def test_rules_name_tiers_of_their_district(district: District, other_district: District) -> None:
    gold, theirs = new_tier(district), new_tier(other_district)
    rule = multiplier("golden", conditions={"tier_ids": [gold]})
    made = draft(district, base_rule(), rule).ok(201)
    assert made["rules"][1]["conditions"] == {"tier_ids": [gold]}
    foreign = multiplier("golden", conditions={"tier_ids": [gold, theirs]})
    refused = check_problem(draft(district, base_rule(), foreign), 404, "not-found")
    assert [flaw["pointer"] for flaw in refused.body["errors"]] == ["/rules/1/conditions/tier_ids/1"]


def test_another_district_s_tiers_are_nobody_s(district: District, other_district: District) -> None:
    theirs = new_tier(other_district)
    member = district.member()
    district.report(member_id=member, amount=1_000_000).ok(201)
    assert tier_of(district, member) is None
    assert district.balance(member)["next_tier"] is None
    check_problem(district.api.get(f"/v1/tiers/{theirs}", district.key), 404, "not-found")
    check_problem(district.api.patch(f"/v1/tiers/{theirs}", {"rank": 7}, district.key), 404, "not-found")
    assert listed(district) == []


@pytest.mark.usefixtures("context")
def test_a_till_sees_the_tier_of_who_shows_a_code(district: District) -> None:
    new_tier(district, threshold=100)
    phone = new_phone_of(district)
    assert resolve(district, phone.code()).ok(200)["member"]["tier"] is None
    district.report(member_id=phone.member_id).ok(201)
    other = new_phone_of(district)
    district.report(member_id=other.member_id).ok(201)
    shown = resolve(district, other.code()).ok(200)["member"]["tier"]
    assert shown == tier_of(district, other.member_id)
    assert shown["name"] == "Gold"


@pytest.mark.usefixtures("context")
def test_merged_members_bring_what_they_bought_and_hold(district: District) -> None:
    silver, gold = new_tier(district, "Silver", 1, threshold=200), new_tier(district)
    old, survivor = district.member(), district.member()
    for member in (old, survivor):
        district.report(member_id=member, amount=25_000).ok(201)
    assert (name_of(district, old), name_of(district, survivor)) == ("Silver", "Silver")
    merged = district.api.post(f"/v1/members/{old}/merge", {"into": survivor}, district.key).ok(200)
    assert (merged["id"], merged["tier"]["id"]) == (survivor, gold)
    assert name_of(district, old) == "Gold", "the old id answers with the survivor"
    assert broken(district.id) == {}
    district.report(member_id=old, amount=100).ok(201)
    assert district.balance(survivor)["next_tier"] is None
    assert broken(district.id) == {}
    assert silver


DAYS = "what members bought by day is what their sales and refunds say"
HELD = "each tier that is held was reached by what was bought"


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE member_days SET points_earned = 599 WHERE member_id = %s", {DAYS: "599 and 60000"}),
        ("UPDATE member_days SET amount_spent = 1 WHERE member_id = %s", {DAYS: "600 and 1"}),
        ("UPDATE member_days SET day = day - 400 WHERE member_id = %s", {DAYS: "", HELD: "0"}),
        ("DELETE FROM member_days WHERE member_id = %s", {DAYS: "0 and 0", HELD: "0"}),
        ("UPDATE member_tiers SET reached_on = reached_on - 1 WHERE member_id = %s", {HELD: "0"}),
        ("UPDATE member_tiers SET threshold = 601 WHERE member_id = %s", {HELD: "600"}),
    ],
)
def test_a_broken_row_is_found(
    district: District, superuser: psycopg.Connection, statement: str, found: dict[str, str]
) -> None:
    new_tier(district)
    member = district.member()
    sale = district.report(member_id=member, amount=70_000).ok(201)
    refund = {"transaction_id": sale["id"], "reference": "R", "amount": 10_000}
    district.api.post("/v1/refunds", refund, district.key).ok(201)
    assert broken(district.id) == {}
    assert superuser.execute(statement, (uuid(member),)).rowcount == 1
    told = broken(district.id)
    assert told.keys() == found.keys()
    for check, words in found.items():
        assert any(row[0].startswith(f"member {uuid(member)}") and row[1].startswith(words) for row in told[check])

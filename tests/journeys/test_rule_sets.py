"""Rule versions: drafts, publishing, what never changes, and conditions at work."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.foundation.clock import format_instant
from tests.factories.clock import ago, ahead, now
from tests.factories.districts import District, new_shop
from tests.factories.lists import check_paging, ids
from tests.factories.points import base_rule, draft, new_version, publish

SHANGHAI = ZoneInfo("Asia/Shanghai")


def earn(district: District, **sale: Any) -> tuple[int, list[str]]:
    """Points of a sale of 128.00, and what became of each rule."""
    made = district.report(member_id=district.member(), **sale).ok(201)
    return made["points_earned"], [one.get("code", one["outcome"]) for one in made["explanation"]]


def test_a_draft_as_the_contract_shows_it(district: District) -> None:
    made = draft(district, base_rule(), name="2026 spring").ok(201)
    assert made["id"].startswith("rls_")
    assert (made["object"], made["name"], made["version"], made["status"]) == ("rule_set", "2026 spring", None, "draft")
    assert (made["effective_at"], made["published_at"]) == (None, None)
    [rule] = made["rules"]
    assert rule == {**base_rule(), "priority": 0, "conditions": {}, "funding": {"merchant": 100, "district": 0}}
    assert district.api.get(f"/v1/rule-sets/{made['id']}", district.key).ok(200) == made
    assert earn(district) == (128, ["applied"]), "a draft earns nothing"


def test_publishing_gives_the_next_number(district: District) -> None:
    versions = [new_version(district, base_rule(points=points)) for points in (2, 3)]
    assert [one["version"] for one in versions] == [2, 3]
    assert {one["status"] for one in versions} == {"published"}
    assert all(one["effective_at"] == one["published_at"] for one in versions)
    assert earn(district)[0] == 384
    listed = ids(district.api.get("/v1/rule-sets", district.key).ok())
    assert listed[:2] == [versions[1]["id"], versions[0]["id"]]
    check_paging(district.api, "/v1/rule-sets", district.key, listed)


def test_a_published_version_never_changes(district: District) -> None:
    version = new_version(district, base_rule())
    path = f"/v1/rule-sets/{version['id']}"
    for body in (None, ago(days=1), ahead(days=1)):
        refused = publish(district, version["id"], body)
        assert (refused.status, refused.code) == (409, "rule-set-published")
    for method in ("PATCH", "PUT", "DELETE"):
        assert district.api.call(method, path, {"name": "x"}, key=district.key).status == 405
    assert district.api.get(path, district.key).ok() == version


@pytest.mark.parametrize(
    ("rules", "pointer"),
    [
        ([base_rule(), base_rule(key="other")], "/rules/1/priority"),
        ([base_rule(priority=1), base_rule(key="b"), base_rule(key="c", priority=1)], "/rules/2/priority"),
        ([base_rule(), base_rule(priority=1)], "/rules/1/key"),
    ],
)
def test_rules_that_leave_a_doubt_are_refused_at_publishing(
    district: District, rules: list[dict[str, Any]], pointer: str
) -> None:
    made = draft(district, *rules).ok(201)
    refused = publish(district, made["id"])
    assert (refused.status, refused.code) == (422, "rule-set-not-fit")
    assert pointer in refused.pointers
    assert district.api.get(f"/v1/rule-sets/{made['id']}", district.key).ok()["status"] == "draft"
    assert earn(district) == (128, ["applied"])


@pytest.mark.parametrize(
    ("rule", "pointer"),
    [
        (base_rule(kind="magic"), "/rules/0/kind"),
        (base_rule(points=0), "/rules/0/points"),
        (base_rule(points="1"), "/rules/0/points"),
        (base_rule(per_amount=0), "/rules/0/per_amount"),
        (base_rule(priority=-1), "/rules/0/priority"),
        (base_rule(key=""), "/rules/0/key"),
        (base_rule(key="a\nb"), "/rules/0/key"),
        (base_rule(name=""), "/rules/0/name"),
        (base_rule(funding={"merchant": 60, "district": 30}), "/rules/0/funding"),
        (base_rule(funding={"merchant": 100, "state": 0}), "/rules/0/funding/state"),
        (base_rule(conditions={"weekdays": [0]}), "/rules/0/conditions/weekdays/0"),
        (base_rule(conditions={"weekdays": [8]}), "/rules/0/conditions/weekdays/0"),
        (base_rule(conditions={"moon": "full"}), "/rules/0/conditions/moon"),
        (base_rule(conditions={"date_from": "2026-02-30"}), "/rules/0/conditions/date_from"),
        (base_rule(conditions={"date_from": "2026-02-02", "date_to": "2026-02-01"}), "/rules/0/conditions/date_to"),
        (base_rule(conditions={"min_amount": 2, "max_amount": 1}), "/rules/0/conditions/max_amount"),
        (base_rule(conditions={"time_windows": [{"from": "18:00"}]}), "/rules/0/conditions/time_windows/0/to"),
        (
            base_rule(conditions={"time_windows": [{"from": "24:00", "to": "01:00"}]}),
            "/rules/0/conditions/time_windows/0/from",
        ),
        (
            base_rule(conditions={"time_windows": [{"from": "01:00", "to": "01:00"}]}),
            "/rules/0/conditions/time_windows/0/to",
        ),
    ],
)
def test_what_is_no_rule(untouched: District, rule: dict[str, Any], pointer: str) -> None:
    refused = draft(untouched, rule)
    assert (refused.status, refused.code, refused.pointers) == (422, "validation-failed", {pointer})


def test_a_rule_for_a_shop_of_another_district_is_refused(district: District, other_district: District) -> None:
    for field, foreign in (
        ("merchant_ids", other_district.shop.merchant_id),
        ("store_ids", other_district.shop.store_id),
        ("merchant_ids", "mer_" + "9" * 32),
        ("store_ids", "nonsense"),
    ):
        own = district.shop.merchant_id if field == "merchant_ids" else district.shop.store_id
        refused = draft(district, base_rule(conditions={field: [own, foreign]}))
        assert (refused.status, refused.pointers) == (404, {f"/rules/0/conditions/{field}/1"})


def test_rules_are_the_alliance_s(district: District, other_district: District) -> None:
    made = draft(district, base_rule()).ok(201)["id"]
    reader = district.merchant_key(district.shop, scopes=["programme:read"])
    api = district.api
    assert api.get(f"/v1/rule-sets/{made}", reader).status == 200
    assert api.post("/v1/rule-sets", {"name": "x", "rules": [base_rule()]}, reader).code == "forbidden"
    assert api.post(f"/v1/rule-sets/{made}/publish", {}, reader).code == "forbidden"
    assert api.get(f"/v1/rule-sets/{made}", other_district.key).code == "not-found"
    assert api.post(f"/v1/rule-sets/{made}/publish", {}, other_district.key).code == "not-found"


# When a version takes effect


def test_the_past_is_open_while_no_later_sale_is_recorded(district: District) -> None:
    made = draft(district, base_rule(points=2)).ok(201)["id"]
    published = publish(district, made, ago(days=10)).ok(200)
    assert published["version"] == 2
    late = district.report(member_id=district.member(), occurred_at=ago(days=9)).ok(201)
    assert (late["rule_set_version"], late["points_earned"]) == (2, 256)
    older = district.report(member_id=district.member(), occurred_at=ago(days=11)).ok(201)
    assert older["rule_set_version"] == 1


def test_the_past_is_closed_by_a_later_sale(district: District) -> None:
    sale = district.report(occurred_at=ago(days=5)).ok(201)
    made = draft(district, base_rule(points=2)).ok(201)["id"]
    refused = publish(district, made, ago(days=6))
    assert (refused.status, refused.pointers) == (422, {"/effective_at"})
    assert district.api.get(f"/v1/rule-sets/{made}", district.key).ok()["version"] is None
    after = datetime.fromisoformat(sale["occurred_at"]) + timedelta(seconds=1)
    assert publish(district, made, format_instant(after)).status == 200


def test_a_later_sale_of_any_store_closes_the_past(district: District) -> None:
    district.report(store_id=district.other_shop.store_id, occurred_at=ago(days=1)).ok(201)
    made = draft(district, base_rule(points=2)).ok(201)["id"]
    assert publish(district, made, ago(days=2)).pointers == {"/effective_at"}


def test_the_future_and_the_present_are_always_open(district: District) -> None:
    member = district.member()
    district.report(member_id=member, occurred_at=ahead(minutes=9)).ok(201)
    soon = now() + timedelta(minutes=4)
    assert new_version(district, base_rule(points=7), effective_at=format_instant(soon))["version"] == 2
    assert new_version(district, base_rule(points=2))["version"] == 3
    assert earn(district)[0] == 256
    assert earn(district, occurred_at=format_instant(soon))[0] == 896, "the latest effective_at, not the number"


def test_of_two_versions_of_one_instant_the_higher_number_holds(district: District) -> None:
    instant = ago(days=2)
    for points in (2, 3):
        new_version(district, base_rule(points=points), effective_at=instant)
    assert earn(district)[0] == 384


# Conditions


def test_the_matching_rule_of_the_largest_priority_counts(district: District) -> None:
    shop, other = district.shop, district.other_shop
    new_version(
        district,
        base_rule(),
        base_rule(key="shop", points=2, priority=1, conditions={"merchant_ids": [shop.merchant_id]}),
        base_rule(key="big", points=3, priority=2, conditions={"min_amount": 20000, "max_amount": 30000}),
    )
    assert earn(district) == (256, ["lower-priority", "applied", "below-min-amount"])
    assert earn(district, store_id=other.store_id) == (128, ["applied", "other-merchant", "below-min-amount"])
    assert earn(district, amount=20000) == (600, ["lower-priority", "lower-priority", "applied"])
    assert earn(district, amount=30000)[0] == 900
    assert earn(district, amount=30001) == (600, ["lower-priority", "applied", "above-max-amount"])


def test_conditions_look_at_shop_channel_and_payment(district: District) -> None:
    tea = new_shop(district.api, district.key, "T1", category="tea")
    new_version(
        district,
        base_rule(conditions={"store_ids": [district.shop.store_id]}),
        base_rule(key="tea", priority=1, conditions={"categories": ["tea"]}),
        base_rule(key="app", priority=2, conditions={"channels": ["app"], "payment_methods": ["wechat"]}),
    )
    assert earn(district) == (128, ["applied", "other-category", "other-channel"])
    assert earn(district, store_id=tea.store_id)[1] == ["other-store", "applied", "other-channel"]
    assert earn(district, channel="app")[1] == ["applied", "other-category", "other-payment-method"]
    assert earn(district, channel="app", payment_method="wechat")[1][2] == "applied"
    nowhere = earn(district, store_id=district.other_shop.store_id)
    assert nowhere == (0, ["other-store", "other-category", "other-channel"])


def test_conditions_look_at_the_local_clock(district: District) -> None:
    day = now().astimezone(SHANGHAI).date() - timedelta(days=3)
    new_version(
        district,
        base_rule(),
        base_rule(
            key="night",
            points=2,
            priority=1,
            conditions={
                "time_windows": [{"from": "22:00", "to": "02:00"}],
                "weekdays": [day.isoweekday()],
                "date_from": day.isoformat(),
                "date_to": day.isoformat(),
            },
        ),
        effective_at=ago(days=20),
    )

    def at(days: int, clock: str) -> str:
        return f"{(day + timedelta(days=days)).isoformat()}T{clock}:00+08:00"

    told = [
        earn(district, occurred_at=at(*when))[1][1]
        for when in ((0, "21:59"), (0, "22:00"), (1, "01:59"), (1, "02:00"), (0, "01:00"), (-7, "23:00"))
    ]
    assert told == [
        "outside-time-windows",
        "applied",
        "applied",
        "outside-time-windows",
        "outside-weekdays",
        "outside-dates",
    ]

"""Rules in the console: sentences with controls, two who edit one draft, rehearsed, published, and the ladder of tiers."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from flask import Flask

from app.console.programme.controls import texts_of
from app.transactions.tasks import run_replay
from tests.factories.browsing import Browser
from tests.factories.districts import District
from tests.factories.points import base_rule, draft
from tests.factories.staff import hire

pytestmark = pytest.mark.usefixtures("context")
NIGHT = {
    "key": "night",
    "kind": "multiplier",
    "name": "夜市双倍",
    "factor": "2",
    "conditions": {"weekdays": [5, 6, 7], "time_windows": [{"from": "18:00", "to": "23:00"}]},
    "caps": {"per_transaction": 500},
    "funding": {"merchant": 0, "district": 100},
}


@pytest.fixture
def desk(app: Flask, district: District) -> Browser:
    """An administrator's browser."""
    browser = Browser(app.test_client())
    browser.sign_in(hire(district))
    return browser


def words(browser: Browser) -> str:
    """What a page says, without its marks."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", browser.text)))


def hidden(browser: Browser, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', browser.text)
    assert found is not None, browser.text
    return html.unescape(found[1])


def rules_of(district: District, rule_set_id: str) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = district.api.get(f"/v1/rule-sets/{rule_set_id}", district.key).ok()["rules"]
    return rules


def texts(rule: dict[str, Any], browser: Browser, place: int) -> dict[str, Any]:
    """A rule's form as a page sends it."""
    known = {"rule": "1", "place": str(place), "was": rule["key"], "seen": hidden(browser, "seen")}
    return {**dict(texts_of(rule).lists()), **known}


def test_a_draft_begins_with_what_is_in_force_and_a_card(desk: Browser, district: District) -> None:
    page = desk.get("/console/rules")
    assert page.page == "console-rules"
    assert "实付每满 ¥1 得 1 分，由商户出资。" in words(page)
    assert "每 1 元得 1 积分" in words(page), "a district's first rule is called in its reader's language"
    assert desk.post("/console/rules/new", name="十二月草稿", start="weekend").page == "console-rules-draft"
    draft_id = desk.at.rsplit("/", 1)[1]
    assert [rule["key"] for rule in rules_of(district, draft_id)] == ["base", "weekend"]
    assert 'name="conditions.weekdays" value="6" checked' in desk.text
    assert "未发布" in words(desk)
    assert "已保存" in words(desk)


def test_a_rule_is_saved_as_its_form_says(desk: Browser, district: District) -> None:
    made = draft(district, base_rule(), NIGHT).ok(201)
    here = f"/console/rules/{made['id']}"
    desk.get(f"{here}?open=1")
    changed = {**NIGHT, "factor": "3", "conditions": {**NIGHT["conditions"], "tags": ["vip", "老会员"]}}
    form = {**texts(changed, desk, 1), "conditions.tags": [], "also.conditions.tags": "vip，老会员"}
    assert desk.post(f"{here}/rule", **form).page == "console-rules-draft"
    assert rules_of(district, made["id"]) == [made["rules"][0], changed]
    entries = district.api.get(f"/v1/audit-entries?subject_id={made['id']}&action=rule_set.changed", district.key).ok()
    assert [one["details"] for one in entries["data"]] == [{"rules": 2}]


def test_flaws_stand_at_their_fields_and_nothing_typed_is_lost(desk: Browser, district: District) -> None:
    made = draft(district, base_rule(), NIGHT).ok(201)
    here = f"/console/rules/{made['id']}"
    desk.get(f"{here}?open=1")
    assert desk.post(f"{here}/rule", **texts({**NIGHT, "factor": "0.5", "name": "夜"}, desk, 1)).status == 422
    assert desk.page == "console-rules-draft"
    assert 'name="factor" value="0.5"' in desk.text
    assert 'value="夜"' in desk.text
    assert rules_of(district, made["id"]) == made["rules"]


def test_of_two_who_edit_one_draft_the_second_is_told(desk: Browser, district: District, app: Flask) -> None:
    made = draft(district, base_rule(), NIGHT).ok(201)
    here = f"/console/rules/{made['id']}"
    other = Browser(app.test_client())
    other.sign_in(hire(district))
    seen = [
        texts({**NIGHT, "name": name}, browser.get(f"{here}?open=1"), 1)
        for browser, name in ((desk, "甲"), (other, "乙"))
    ]
    assert desk.post(f"{here}/rule", **seen[0]).status == 200
    assert other.post(f"{here}/rule", **seen[1]).status == 409
    assert "王芳于" in words(other)
    assert 'name="name" value="乙"' in other.text
    assert [rule["name"] for rule in rules_of(district, made["id"])][1] == "甲"
    again = texts({**NIGHT, "name": "乙"}, other, 1)
    assert other.post(f"{here}/rule", **again).status == 200
    assert [rule["name"] for rule in rules_of(district, made["id"])][1] == "乙"


@pytest.mark.parametrize("act", ["rule", "name", "add", "move", "remove", "discard", "publish"])
def test_nothing_is_done_to_a_draft_that_has_changed(desk: Browser, district: District, act: str) -> None:
    made = draft(district, base_rule(), NIGHT).ok(201)
    more = {"name": "x", "start": "weekend", "place": "1", "was": "night", "way": "up", "when": "now"}
    form: dict[str, Any] = {**dict(texts_of(NIGHT).lists()), **more, "rule": "1", "seen": "0" * 18}
    assert desk.post(f"/console/rules/{made['id']}/{act}", **form).status == 409
    told = district.api.get(f"/v1/rule-sets/{made['id']}", district.key).ok()
    assert (told["status"], told["rules"], told["name"]) == ("draft", made["rules"], made["name"])


def test_rules_are_moved_added_and_taken_out_and_a_draft_discarded(desk: Browser, district: District) -> None:
    made = draft(district, base_rule(), NIGHT).ok(201)
    here = f"/console/rules/{made['id']}"

    def do(act: str, **form: str) -> list[str]:
        desk.get(here)
        assert desk.post(f"{here}/{act}", seen=hidden(desk, "seen"), **form).status == 200, desk.text
        return [rule["key"] for rule in rules_of(district, made["id"])]

    assert do("move", place="1", was="night", way="up") == ["night", "base"]
    assert do("add", start="birthday") == ["night", "base", "birthday"]
    assert do("remove", place="0", was="night") == ["base", "birthday"]
    assert do("name", name="改过的") == ["base", "birthday"]
    period = {"from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z"}
    replay = district.api.post(f"/v1/rule-sets/{made['id']}/replay", period, district.key).ok(202)
    desk.get(here)
    assert desk.post(f"{here}/discard", seen=hidden(desk, "seen")).page == "console-rules"
    assert desk.get(here).status == 404
    assert district.api.get(f"/v1/rule-sets/{made['id']}", district.key).status == 404
    over = district.api.get(f"/v1/replays/{replay['id']}", district.key).ok()["status"]
    assert over in ("cancelled", "done"), "done where a worker was quick"


def test_what_is_different_is_said_before_it_is_published(app: Flask, district: District, superuser: Any) -> None:
    admin = hire(district)
    desk = Browser(app.test_client()).sign_in(admin)
    superuser.execute(
        "UPDATE staff_sessions SET proven_at = proven_at - interval '6 minutes' WHERE account_id = %s",
        (admin.account_id[-32:],),
    )
    made = draft(district, base_rule(points=2), NIGHT).ok(201)
    here = f"/console/rules/{made['id']}"
    assert desk.get(f"{here}/changes").page == "console-rule-changes"
    assert "实付每满 ¥1 得 1 分改为 → 实付每满 ¥1 得 2 分" in words(desk)
    assert desk.get(f"{here}/publish").page == "console-password-again"
    assert (
        desk.post("/console/account/password-again", next=f"{here}/publish", password=admin.password).page
        == "console-rules-publish"
    )
    assert "夜市双倍新增" in words(desk).replace(" ", "")
    seen = hidden(desk, "seen")
    assert desk.post(f"{here}/publish", seen=seen, when="at", effective_at="").status == 422
    assert desk.post(f"{here}/publish", seen=seen, when="at", effective_at="2099-01-01T08:00").page == "console-rules"
    told = district.api.get(f"/v1/rule-sets/{made['id']}", district.key).ok()
    assert (told["version"], told["effective_at"]) == (2, "2099-01-01T00:00:00Z")
    assert "第 2 版" in words(desk)
    assert desk.get(here).page == "console-rule-set"
    [entry] = district.api.get(
        f"/v1/audit-entries?subject_id={made['id']}&action=rule_set.published", district.key
    ).ok()["data"]
    assert (entry["actor"]["kind"], entry["details"]) == ("staff", {"version": 2})


def test_a_draft_is_rehearsed_beside_its_rules(desk: Browser, district: District) -> None:
    member = district.member()
    district.report(member_id=member, amount=10_000).ok(201)
    made = draft(district, base_rule(points=3), {**NIGHT, "conditions": {"tags": ["nobody"]}}).ok(201)
    here = f"/console/rules/{made['id']}"
    desk.get(here)
    assert desk.post(f"{here}/rehearse", **{"from": "2026-13-01", "to": ""}).status == 422
    assert desk.post(f"{here}/rehearse", **{"from": "2020-01-01", "to": "2099-01-01"}).page == "console-rules-draft"
    found = re.search(r"/console/rules/replays/(rpl_\w+)/", desk.text)
    assert found is not None or "data-chart" in desk.text, "it waits, unless a worker was quick"
    if found is not None:
        run_replay(district.id, found[1])
        assert desk.get(f"/console/rules/replays/{found[1]}/progress").status == 200
    said = words(desk.get(here))
    assert "+200" in said
    assert "¥2.00" in said
    assert "“夜市双倍”一次也没有生效" in said
    assert "data-chart" in desk.text
    assert f"/console/members/{member}" in desk.text
    assert district.balance(member)["available"] == 100, "nothing was posted"
    assert desk.post(f"{here}/name", name="改过的", seen=hidden(desk, "seen")).status == 200
    assert "预演之后草稿又改过" in words(desk)


def test_a_rehearsal_of_70_000_sales_at_1_000_merchants_is_drawn(
    desk: Browser, district: District, superuser: Any
) -> None:
    made = draft(district, base_rule()).ok(201)
    period = {"from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z"}
    replay = district.api.post(f"/v1/rule-sets/{made['id']}/replay", period, district.key).ok(202)
    superuser.execute(
        "UPDATE replays SET status = 'done', sales_done = 70000, sales_total = 70000, result = %s WHERE id = %s",
        (json.dumps(_result(1_000)), replay["id"][-32:]),
    )
    page = desk.get(f"/console/rules/{made['id']}?replay={replay['id']}")
    assert "2026年1月1日至2026年2月1日的 70,000 笔真实交易" in words(page)
    assert "-499,500" in words(page).replace("\N{MINUS SIGN}", "-")
    assert page.text.count('scope="row"') == 1_000 + 2 * 8, "each merchant in the table, those most affected drawn"
    assert desk.post(f"/console/rules/replays/{replay['id']}/cancel").status == 200
    assert district.api.get(f"/v1/replays/{replay['id']}", district.key).ok()["status"] == "done"


def _result(merchants: int) -> dict[str, Any]:
    """What a replay keeps, of many merchants of which each gives less than the one before."""

    def figures(points: int, awarded: int) -> dict[str, Any]:
        costs = {"cost": points, "awarded_cost": awarded}
        return {
            "points": points,
            "awarded": awarded,
            **{name: {"merchant": 0, "district": cost} for name, cost in costs.items()},
        }

    by_merchant = [{"merchant_id": f"mer_{place:032x}", **figures(1_000 - place, 1_000)} for place in range(merchants)]
    total = figures(sum(one["points"] for one in by_merchant), 1_000 * merchants)
    rules = [{"rule_key": "base", "points": total["points"], "awarded": total["awarded"]}]
    counted = {"sales": 70_000, "members": 9_000, "days": [], "gaining": [], "losing": []}
    return {**total, **counted, "merchants": by_merchant, "rules": rules}


def test_tiers_are_made_rehearsed_and_changed(desk: Browser, district: District) -> None:
    member = district.member()
    assert "还没有等级" in words(desk.get("/console/tiers"))
    new = {"name": "金卡", "rank": "2", "qualifies_by": "amount_spent", "threshold": "￥100", "period_days": "365"}
    assert desk.post("/console/tiers/new", **{**new, "threshold": "很多"}).status == 422
    assert desk.post("/console/tiers/new", **new).page == "console-tiers"
    district.report(member_id=member, amount=12_000).ok(201)
    assert "365 天内消费满 ¥100" in words(desk.get("/console/tiers"))
    assert "现有会员 1 人" in words(desk)
    [tier] = district.api.get("/v1/tiers", district.key).ok()["data"]
    here = f"/console/tiers/{tier['id']}"
    seen = hidden(desk.get(here), "seen")
    asked = {**new, "threshold": "130", "seen": seen}
    assert "今天有 0 名会员能达到；现有 1 名" in words(desk.post(here, **asked, rehearse="1"))
    assert district.api.get(f"/v1/tiers/{tier['id']}", district.key).ok() == tier
    assert desk.post(here, **asked).page == "console-tiers"
    assert desk.post(here, **{**asked, "threshold": "150"}).status == 409
    assert 'name="threshold" value="150"' in desk.text.replace(' type="text"', "")
    assert district.api.get(f"/v1/tiers/{tier['id']}", district.key).ok()["threshold"] == 13_000
    assert desk.get("/console/tiers").status == 200

"""Pages of the console on rules and tiers: whose they are, and by what right somebody writes there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from tests.conftest import OPERATOR_KEY
from tests.factories.api import Api
from tests.factories.browsing import Browser
from tests.factories.checksums import Watch
from tests.factories.districts import District, new_district
from tests.factories.points import base_rule, draft
from tests.factories.staff import hire

READ = ("/console/rules", "/console/tiers", "/console/rules/{rules}", "/console/rules/{rules}/changes")
"""Pages for whoever may read the programme."""
WRITE = (
    "/console/rules/{rules}/edit",
    "/console/rules/{rules}/publish",
    "/console/tiers/new",
    "/console/tiers/{tier}",
)
"""Pages for who may change it."""
OF_ALLIANCE = ("/console/rules/replays/{replay}/progress",)
"""What whoever reads the programme for the whole district is told."""
_RULE = {"kind": "base", "key": "base", "name": "x", "points": "1", "per_amount": "1", "funding.merchant": "100"}
_TIER = {"name": "x", "rank": "9", "qualifies_by": "points_earned", "threshold": "1", "period_days": "1"}
ACTS: Mapping[str, Mapping[str, str]] = {
    "/console/rules/new": {"name": "x", "source": "{rules}"},
    "/console/rules/{rules}/rule": {**_RULE, "rule": "1", "place": "0", "was": "base"},
    "/console/rules/{rules}/name": {"name": "x", "seen": "x"},
    "/console/rules/{rules}/add": {"start": "weekend", "seen": "x"},
    "/console/rules/{rules}/move": {"place": "0", "was": "base", "way": "down", "seen": "x"},
    "/console/rules/{rules}/remove": {"place": "0", "was": "base", "seen": "x"},
    "/console/rules/{rules}/discard": {"seen": "x"},
    "/console/rules/{rules}/rehearse": {"from": "2026-01-01", "to": "2026-01-31"},
    "/console/rules/{rules}/publish": {"when": "now", "seen": "x"},
    "/console/rules/replays/{replay}/cancel": {},
    "/console/tiers/new": _TIER,
    "/console/tiers/{tier}": _TIER,
}
ROLES = "alliance_admin", "alliance_operator", "alliance_viewer", "merchant_manager", "cashier"
Things = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Programmes:
    """Two districts, each with a draft, a replay and a tier; and who of the first is signed in."""

    district: District
    other: District
    own: Things
    foreign: Things
    desks: Mapping[str, Browser]


def things_of(district: District) -> Things:
    """A draft that names the second shop, its replay, and a tier."""
    elsewhere = base_rule(key="there", priority=1, conditions={"merchant_ids": [district.other_shop.merchant_id]})
    rules = draft(district, base_rule(), elsewhere).ok(201)["id"]
    period = {"from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z"}
    tier = {**_TIER, "rank": 1, "threshold": 100, "period_days": 30}
    return {
        "rules": rules,
        "replay": district.api.post(f"/v1/rule-sets/{rules}/replay", period, district.key).ok(202)["id"],
        "tier": district.api.post("/v1/tiers", tier, district.key).ok(201)["id"],
    }


@pytest.fixture(scope="module")
def programmes(app: Flask) -> Iterator[Programmes]:
    with app.app_context():
        api = Api.inside(app, OPERATOR_KEY)
        district, other = new_district(api), new_district(api)
        desks = {role: Browser(app.test_client()).sign_in(hire(district, role)) for role in ROLES}
        yield Programmes(district, other, things_of(district), things_of(other), desks)


@pytest.fixture
def unchanged(watch: Watch, programmes: Programmes) -> Iterator[None]:
    """Whatever a test asks for, both districts stay as they were."""
    noted: dict[str, Any] = {"replays": None}
    ids = programmes.district.id, programmes.other.id
    before = {**watch.sums(*ids), **noted}
    yield
    assert {**watch.sums(*ids), **noted} == before


def read(desk: Browser, pages: tuple[str, ...], things: Things) -> dict[str, int]:
    return {page: desk.get(page.format(**things)).status for page in pages}


def done(desk: Browser, things: Things, but: str = "") -> dict[str, int]:
    return {
        act: desk.post(act.format(**things), **{name: text.format(**things) for name, text in form.items()}).status
        for act, form in ACTS.items()
        if act != but
    }


@pytest.mark.usefixtures("unchanged")
def test_another_district_s_rules_and_tiers_are_nowhere(programmes: Programmes) -> None:
    """An administrator finds nothing of another district by its ids, and does nothing to it."""
    desk = programmes.desks["alliance_admin"]
    pages = tuple(page for page in READ + WRITE + OF_ALLIANCE if "{" in page)
    assert set(read(desk, pages, programmes.foreign).values()) == {404}
    assert set(done(desk, programmes.foreign, but="/console/tiers/new").values()) == {404}


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("role", ROLES[1:])
def test_who_may_not_change_rules_changes_nothing(programmes: Programmes, role: str) -> None:
    """The alliance's staff and merchants read them at most; cashiers don't."""
    desk = programmes.desks[role]
    assert set(read(desk, READ, programmes.own).values()) == {403 if role == "cashier" else 200}
    assert set(read(desk, WRITE, programmes.own).values()) == {403}
    assert set(read(desk, OF_ALLIANCE, programmes.own).values()) == {200 if role.startswith("alliance") else 403}
    assert set(done(desk, programmes.own).values()) == {403}


@pytest.mark.usefixtures("unchanged")
def test_a_merchant_isn_t_told_of_others_by_name_nor_of_who_works_for_the_alliance(programmes: Programmes) -> None:
    """Of rules for other merchants it reads for how many they are; who stands on which tier is the alliance's."""
    desk, there = programmes.desks["merchant_manager"], programmes.own["rules"]
    names = [one["name"] for one in programmes.district.api.get("/v1/merchants", programmes.district.key).ok()["data"]]
    for page in (f"/console/rules/{there}", f"/console/rules/{there}/changes"):
        text = desk.get(page).text
        assert "另外 1 个" in text
        assert not any(name in text for name in names if name not in desk.get("/console/merchants").text)
        assert "操作记录" not in text
    assert "现有会员" not in desk.get("/console/tiers").text

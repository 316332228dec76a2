"""States of campaigns by the clock, and what may change once they run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.coupons.campaigns.rules import Course, course_of, less_generous, of_its_own_shops
from app.coupons.campaigns.schemas import CampaignBody
from app.foundation.clock import format_instant

AT = datetime(2026, 1, 1, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)
MER, OTHER, STR = f"mer_{1:032x}", f"mer_{2:032x}", f"str_{1:032x}"


def terms(**changes: Any) -> dict[str, Any]:
    body = {"name": "a", "kind": "amount_off", "amount_off": 1_000, "validity": {"days_after_issue": 30}, **changes}
    loaded: dict[str, Any] = CampaignBody().load(body)
    return loaded


@pytest.mark.parametrize(
    ("course", "status"),
    [
        (Course(None, None, None), "draft"),
        (Course(AT, None, None), "running"),
        (Course(AT, None, None, AT + HOUR, AT + 2 * HOUR), "scheduled"),
        (Course(AT, None, None, AT, AT + HOUR), "running"),
        (Course(AT, None, None, AT - HOUR, AT), "ended"),
        (Course(AT, None, None, AT - HOUR, AT, is_only_claimed=False), "running"),
        (Course(AT, None, AT), "ended"),
        (Course(AT, AT, None), "paused"),
        (Course(AT, AT, AT), "paused"),
        (Course(AT, AT, None, AT - HOUR, AT), "paused"),
    ],
)
def test_the_state_follows_the_clock(course: Course, status: str) -> None:
    assert course.status(AT) == status


def test_a_course_knows_its_window_and_its_ways() -> None:
    window = {"from": format_instant(AT), "to": format_instant(AT + HOUR)}
    course = course_of(terms(claim_window=window, issuing=["claim", "targeted"]), AT, None, None)
    assert course == Course(AT, None, None, AT, AT + HOUR, is_only_claimed=False)
    assert course_of(terms(), None, None, None) == Course(None, None, None)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({}, {"name": "b", "description": "c"}),
        ({"min_amount": 5}, {"min_amount": 4}),
        ({"stock": 5}, {"stock": 6}),
        ({"stock": 5}, {"stock": None}),
        ({"budget": 5}, {"budget": None}),
        ({"channels": ["till"]}, {"channels": ["app", "till"]}),
        ({"channels": ["till"]}, {"channels": []}),
        ({}, {"validity": {"days_after_issue": 31}}),
    ],
)
def test_more_is_welcome(old: dict[str, Any], new: dict[str, Any]) -> None:
    before, after = terms(**old), terms(**{**old, **new})
    assert list(less_generous(before, after)) == []
    assert list(less_generous(after, before)) or set(new) <= {"name", "description"}


@pytest.mark.parametrize(
    ("old", "new", "pointer"),
    [
        ({}, {"stock": 5}, "/stock"),
        ({}, {"channels": ["till"]}, "/channels"),
        ({"channels": ["till"]}, {"channels": ["app"]}, "/channels"),
        ({}, {"validity": {"days_after_issue": 30, "wait_days": 1}}, "/validity/wait_days"),
        ({}, {"amount_off": 2_000}, "/amount_off"),
        ({}, {"funding": {"district": 100}}, "/funding"),
        ({}, {"on_refund": "forfeit"}, "/on_refund"),
        ({}, {"validity": {"from": format_instant(AT), "to": format_instant(AT + HOUR)}}, "/validity"),
    ],
)
def test_anything_else_is_not(old: dict[str, Any], new: dict[str, Any], pointer: str) -> None:
    assert list(less_generous(terms(**old), terms(**{**old, **new}))) == [pointer]


def test_instants_are_compared_as_instants() -> None:
    early, late = AT + HOUR, AT + HOUR + timedelta(microseconds=1)
    first, second = ({"from": format_instant(AT), "to": format_instant(end)} for end in (early, late))
    assert list(less_generous(terms(validity=first), terms(validity=second))) == []
    assert list(less_generous(terms(validity=second), terms(validity=first))) == ["/validity/to"]


def test_a_merchant_pays_wholly_at_its_own_shops() -> None:
    own = terms(funding={"merchant": 100}, merchant_ids=[MER], store_ids=[STR])
    assert list(of_its_own_shops(own, MER, {STR})) == []
    assert list(of_its_own_shops(own, MER, set())) == ["/store_ids"]
    assert list(of_its_own_shops(own, OTHER, {STR})) == ["/merchant_ids"]
    shared = {**own, "funding": {"district": 1, "merchant": 99, "government": 0}, "sponsor_merchant_id": OTHER}
    assert list(of_its_own_shops(shared, MER, {STR})) == ["/funding", "/sponsor_merchant_id"]

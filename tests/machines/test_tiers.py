"""Any life of two members among two tiers is as reckoned by pencil, whatever is late, given back or changed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.foundation.clock import format_instant, parse_instant
from app.points.tasks import review_district
from tests.conftest import OPERATOR_KEY
from tests.factories.api import Api
from tests.factories.books import broken
from tests.factories.clock import SHANGHAI, SetClock
from tests.factories.districts import District, new_district
from tests.factories.reckoning.tiers import Bought, Reckoned, Terms
from tests.factories.refunds import give_back
from tests.factories.tiers import change_tier, new_tier, tier_events, tier_of

MEMBERS = st.integers(0, 1)
SELL = st.tuples(st.just("sell"), MEMBERS, st.integers(0, 40), st.integers(1, 300))
BACK = st.tuples(st.just("back"), st.integers(0, 50), st.sampled_from([0.1, 0.5, 1.0]))
PASS = st.tuples(st.just("pass"), st.integers(1, 25))
TERMS = st.tuples(st.just("terms"), st.sampled_from(["Silver", "Gold"]), st.sampled_from([100, 250, 400, 700]))
LIFE = st.lists(st.one_of(SELL, SELL, SELL, BACK, PASS, PASS, TERMS, st.just(("review",))), min_size=8, max_size=22)


class Life:
    """A district with two tiers and two members, and the same on paper."""

    def __init__(self, api: Api, clock: SetClock) -> None:
        self.clock = clock
        clock.go(0)
        self.district: District = new_district(api)
        self.tiers = {"Silver": Terms(1, 250, 20), "Gold": Terms(2, 400, 30)}
        self.ids = {
            "Silver": new_tier(
                self.district, "Silver", 1, threshold=25_000, period_days=20, qualifies_by="amount_spent"
            ),
            "Gold": new_tier(self.district, "Gold", 2, threshold=400, period_days=30),
        }
        self.members = [self.district.member() for _ in range(2)]
        self.reckoned = [Reckoned() for _ in self.members]
        self.sold: list[tuple[int, Bought, str]] = []

    @property
    def today(self) -> date:
        return self.clock.moment.astimezone(SHANGHAI).date()

    def sell(self, member: int, days_ago: int, yuan: int) -> None:
        at = format_instant(self.clock.moment - timedelta(days=days_ago))
        body = {"member_id": self.members[member], "amount": yuan * 100, "occurred_at": at}
        bought = Bought(self.today - timedelta(days=days_ago), yuan)
        self.sold.append((member, bought, self.district.report(**body).ok(201)["id"]))
        self.reckoned[member].sales.append(bought)

    def back(self, which: int, part: float) -> None:
        left = [one for one in self.sold if one[1].yuan]
        if left:
            member, bought, sale = left[which % len(left)]
            yuan = max(1, int(bought.yuan * part))
            give_back(self.district, sale, yuan * 100)
            bought.yuan -= yuan
            self.reckoned[member].given_back(self.tiers, self.today)

    def terms(self, name: str, threshold: int) -> None:
        """The job has been there before and after: what ended, or is reached, goes by the terms of when it is looked at."""
        self.review()
        change_tier(self.district, self.ids[name], threshold=threshold * (100 if name == "Silver" else 1))
        self.tiers[name].threshold = threshold
        self.review()

    def review(self) -> None:
        review_district(self.district.id)

    def live(self, verb: str, *how: Any) -> None:
        if verb == "pass":
            self.clock.set(self.clock.moment + timedelta(days=how[0]))
        else:
            getattr(self, verb)(*how)
        for one in self.reckoned:
            one.look(self.tiers, self.today)

    def check(self) -> None:
        for member, one in zip(self.members, self.reckoned, strict=True):
            shown = tier_of(self.district, member)
            seen = shown and (shown["name"], parse_instant(shown["held_until"]).astimezone(SHANGHAI).date())
            assert seen == one.tier(self.tiers)

    def end(self) -> None:
        """What was told leads to what is held, and the books agree."""
        self.review()
        for member, one in zip(self.members, self.reckoned, strict=True):
            tier = None
            for kind, told, other in tier_events(self.district, member):
                assert (other if kind == "gained" else told) == tier
                tier = told if kind == "gained" else other
            now = one.tier(self.tiers)
            assert tier == (now and self.ids[now[0]])
        assert broken(self.district.id) == {}


def test_any_life_among_tiers_is_as_reckoned(timed_app: Flask, clock: SetClock, request: pytest.FixtureRequest) -> None:
    """Without shrinking, as for purses."""
    api = Api.inside(timed_app, OPERATOR_KEY)

    @settings(
        max_examples=max(1, int(request.config.getoption("--lives")) // 3),
        phases=[Phase.reuse, Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(LIFE)
    def lives(steps: list[Any]) -> None:
        with timed_app.app_context():
            life = Life(api, clock)
            for step in steps:
                life.live(*step)
                life.check()
            life.end()

    lives()

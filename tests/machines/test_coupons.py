"""Any life of campaigns and coupons ends as reckoned by pencil; `--lives 500` lives longer."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.conftest import OPERATOR_KEY
from tests.factories.clock import SetClock
from tests.factories.coupon_lives import CouponLife
from tests.factories.till_lives import TillLife
from tests.factories.way_lives import SandboxLife, WayLife

STEPS = 50


@pytest.fixture
def lives(request: pytest.FixtureRequest) -> int:
    """How many lives."""
    return max(1, int(request.config.getoption("--lives")) // 10)


@pytest.mark.parametrize("kind", [CouponLife, TillLife, WayLife, SandboxLife])
def test_any_life_of_coupons_ends_as_reckoned(
    timed_app: Flask, clock: SetClock, lives: int, kind: type[CouponLife]
) -> None:
    for seed in range(lives):
        life = kind(timed_app, clock, OPERATOR_KEY, seed)
        try:
            life.live(STEPS)
        except Exception as problem:
            problem.add_note(f"life {seed}: " + "; ".join(life.story))
            raise

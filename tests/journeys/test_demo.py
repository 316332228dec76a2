"""What `make run` shows: the street's campaigns on a product that has just been installed, in all their states."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from demo.campaigns import BRIEF, OFFERS, OPENING
from merchant_sdk import Campaign, Client
from tests.factories.clock import now
from tests.factories.installations import ROOT, Installation


def command(one: Installation, *words: str) -> str:
    """Runs a `quantong` command beside an installation, as its users do; gives what it has said."""
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", *words],
        cwd=one.var.parent,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    """One whose demo is loaded."""
    with tempfile.TemporaryDirectory(prefix="quantong-demo-") as name:
        Path(name).chmod(0o755)
        one = Installation(Path(name) / "var")
        try:
            one.start()
            command(one, "demo", "--quick", "--base-url", one.url)
            yield one
        finally:
            one.clear()


@pytest.fixture(scope="module")
def told(installation: Installation) -> Any:
    """The district of `var/demo.json`."""
    [district] = json.loads((installation.var / "demo.json").read_text())["districts"]
    return district


@pytest.fixture(scope="module")
def alliance(installation: Installation, told: Any) -> Iterator[Client]:
    with Client(told["alliance_key"], installation.url) as client:
        yield client


@pytest.fixture(scope="module")
def campaigns(alliance: Client, told: Any) -> dict[str, Campaign]:
    """The campaigns of `var/demo.json`, by the demo's own codes."""
    by_name = {campaign.name: campaign for campaign in (alliance.campaigns.get(one["id"]) for one in told["campaigns"])}
    return {offer.code: by_name[offer.name] for offer in OFFERS}


def test_every_kind_and_way_is_issued_and_redeemed(campaigns: dict[str, Campaign], told: Any) -> None:
    assert [one["kind"] for one in told["campaigns"]] == [offer.terms["kind"] for offer in OFFERS]
    used = [one for one in campaigns.values() if one.counts and one.counts.issued and one.counts.redeemed]
    assert {one.kind for one in used} == {"amount_off", "percent_off", "exchange"}
    assert {way for one in used for way in one.issuing} == {"claim", "points", "targeted", "code_batch", "automatic"}
    assert {one.code for one in OFFERS if one.percent} == {code for code, one in campaigns.items() if one in used}
    assert all(one.counts and one.counts.discount_given for one in used)


def test_campaigns_are_in_every_state(campaigns: dict[str, Campaign]) -> None:
    states = Counter(one.status for one in campaigns.values())
    assert (states["draft"], states["paused"], states["ended"]) == (1, 1, 1)
    sold_out, over, birthday = (campaigns[code].counts for code in ("singles-day", OPENING, "birthday"))
    assert sold_out and sold_out.left == 0
    assert over and over.expired == over.issued > 0
    assert birthday and birthday.issued > 0


def test_a_merchant_runs_one_and_a_sponsor_gives_milk_tea_for_points(campaigns: dict[str, Campaign], told: Any) -> None:
    ids = {merchant["code"]: merchant["id"] for merchant in told["merchants"]}
    assert [one.merchant_id for one in campaigns.values() if one.merchant_id] == [ids["D401"]]
    tea = campaigns["milk-tea"]
    assert (tea.sponsor_merchant_id, tea.exchange_price, tea.points_price) == (ids["A201"], 0, 30)


def test_vouchers_wait_for_review_and_have_evidence(alliance: Client, campaigns: dict[str, Campaign]) -> None:
    voucher = campaigns["government"]
    states = Counter(one.state for one in alliance.redemptions.list(campaign_id=voucher.id))
    assert min(states["held"], states["released"], states["rejected"]) > 0
    held = alliance.redemptions.list(campaign_id=voucher.id, state="held")
    assert any("staff" in one.reasons for one in held)
    evidence = alliance.campaigns.evidence(voucher.id)
    assert evidence.total is not None
    assert evidence.total.rows > states.total()


def test_some_coupons_have_come_back(alliance: Client) -> None:
    found = list(alliance.redemptions.list())
    assert any(one.state == "returned" for one in found)
    assert any(0 < one.discount_returned < one.discount_amount for one in found)


def test_the_guest_has_points_and_coupons_to_use(alliance: Client, told: Any) -> None:
    guest = alliance.members.find(told["member"]["phone"])
    assert guest is not None
    assert guest.id == told["member"]["member_id"]
    held = Counter(one.status for one in alliance.coupons.list(guest.id))
    assert held["issued"] > 5
    assert held["expired"] > 0
    assert alliance.members.points(guest.id).spendable > 30


def test_the_clock_is_hardly_ahead(alliance: Client) -> None:
    """By as much at most as the coupons of the opening last."""
    before = now()
    assert before <= alliance.test_clock.get().now < now() + 2 * BRIEF


def test_again_it_finds_everything_there(installation: Installation) -> None:
    assert "17 campaigns, 4,652 sales: all there already" in command(
        installation, "demo", "--quick", "--base-url", installation.url
    )


def test_the_books_hold(installation: Installation) -> None:
    assert "0 checks broken" in command(installation, "verify-books")

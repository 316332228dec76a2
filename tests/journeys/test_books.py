"""The books: in order after a mixed life; the command that proves it."""

from __future__ import annotations

import subprocess
import sys

import psycopg
import pytest
from click.testing import CliRunner

from app import books, cli
from app.books import CHECKS, verify
from app.config import Settings
from app.foundation.checks import Finding
from app.foundation.tasks import take_events
from tests.conftest import environment_of
from tests.factories import coupons
from tests.factories.books import broken, uuid
from tests.factories.clock import ago, ahead
from tests.factories.coupons import new_campaign
from tests.factories.districts import District, new_phone
from tests.factories.points import adjust, base_rule, bonus, change_programme, new_version
from tests.factories.refunds import give_back
from tests.factories.tiers import new_tier
from tests.factories.webhooks import untaken

pytestmark = pytest.mark.usefixtures("context")


def command(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app.cli", "verify-books", *arguments],
        env=environment_of(settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


OF_COUPONS_ON_BILLS = {
    "each sale's discount is that of its coupons' redemptions",
    "what refunds gave back of each coupon's discount is what its redemption says",
    "each coupon that costs points was paid",
    "each coupon that was taken back gave back the points that it cost, and no other did",
    "each coupon that is on a bill is redeemed, and each redeemed one was on a bill",
    "what each campaign has taken off bills is what its redemptions have left",
    "each redemption's discount is what it took from the lines of its bill",
    "evidence tells what became of each government voucher",
    "rows of evidence hang together: each digest is that of the one before and its row, and none is missing",
    "each chain ends where it says, with the sums of its rows",
    "rows of evidence hold the amounts that they tell",
    "what funders owe for each redemption is their parts of what is left of it",
}
"""Checks that have nothing to look at here: `test_broken_coupons` and `test_vouchers` show them rows."""
OF_SETTLEMENT = {
    "no journal was left by the periods that are closed",
    "periods are closed in order, without a gap",
    "the net positions of a closed period and its pool come to 0",
    "each statement is its lines, each rounded once",
    "each statement opens with what the one before closed with",
    "what each party is owed or owes stands on its account",
    "lines hold what the journals of their period bring, exactly",
    "closed periods hang together: each hash is that of the one before, and of what the period was",
    "the tree of each closed period is that of its statements",
    "what was taken in of statements is what they come to",
    "every deposit is what its movements come to, and stands on its account",
    "each movement of a deposit is a journal",
    "each payment is what its attempts have moved",
    "statements hold the payments that their period has taken",
    "what attempts have moved is booked once, between the district's account and the party's",
    "what is disputed is held, as long as that waits for an answer",
    "what is granted of a dispute is a correction by another person than who opened it",
    "corrections are posted once they are approved, and never before",
    "each merchant that has left has had its final statement, and nobody else",
    "what was written off was booked at the district's cost",
}
"""The same of `test_broken_settlement` and `test_exits`."""


def test_books_are_in_order_after_a_mixed_life(district: District, superuser: psycopg.Connection) -> None:
    phone = new_phone()
    members = [district.member() for _ in range(3)]
    for member in members:
        district.report(member_id=member).ok(201)
    caps = {"per_member_per_day": 20, "per_member_total": 60, "budget": 100}
    new_version(district, base_rule(points=3, funding={"merchant": 40, "district": 60}), bonus("gift", caps=caps))
    new_tier(district, threshold=1)
    change_programme(district, pending_days=2, rounding="half_up")
    district.report(member_id=members[0], amount=777).ok(201)
    district.report(member_id=members[0], occurred_at=ago(days=500)).ok(201)
    district.report(member_id=members[1], occurred_at=ahead(minutes=5)).ok(201)
    district.report(phone=phone, payment_reference="4200001").ok(201)
    unclaimed = district.report().ok(201)["id"]
    claim = f"/v1/transactions/{unclaimed}/claim"
    district.api.post(claim, {"member_id": members[2]}, district.key).ok()
    change_programme(district, expiry={"policy": "never"})
    batch = [district.sale(member_id=members[n % 3], amount=100 * n) for n in range(20)]
    district.api.post("/v1/transactions/batch", {"transactions": [*batch, batch[5]]}, district.key).ok()
    assert district.balance(district.member(phone))["pending"] > 0
    spent = district.report(member_id=members[1], points_to_spend=100).ok(201)
    give_back(district, spent["id"], 6_000)
    adjust(district, members[0], 70)
    campaign = new_campaign(district, stock=5, budget=10_000)["id"]
    coupons.claim(district, campaign, members[0]).ok(201)
    assert broken(district.id) == {}
    take_events(district.id, untaken(superuser, district.id))
    assert broken(district.id) == {}
    [(_, findings, _)] = list(verify(district.id))
    assert {finding.check for finding in findings if not finding.rows} == OF_COUPONS_ON_BILLS | OF_SETTLEMENT


def test_an_empty_district_s_books_are_in_order(district: District) -> None:
    assert broken(district.id) == {}


def test_every_district_is_verified(district: District, other_district: District) -> None:
    verified = [district_id for district_id, _, _ in verify()]
    assert {district.id, other_district.id} <= set(verified)
    assert list(verify("dis_" + "9" * 32)) == []


def test_a_district_that_fails_holds_up_no_other(
    district: District, other_district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = books._findings

    def fails(district_id: str) -> list[Finding]:
        if district_id == district.id:
            raise RuntimeError("can't be read")
        return found(district_id)

    monkeypatch.setattr(books, "_findings", fails)
    monkeypatch.setattr(books, "all_district_ids", lambda uow: [district.id, other_district.id])
    failed, verified = verify()
    assert (failed.district_id, failed.findings, str(failed.failure)) == (district.id, [], "can't be read")
    assert (verified.district_id, len(verified.findings), verified.failure) == (other_district.id, len(CHECKS), None)


# The command


def test_the_command_says_that_there_is_no_such_district(settings: Settings) -> None:
    unknown = "dis_" + "9" * 32
    done = command(settings, "--district", unknown)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1] == f"Error: There is no district {unknown}."


def test_the_command_names_a_district_that_fails(
    district: District, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(books, "run", lambda *_: 1 / 0)
    done = CliRunner(env=environment_of(settings)).invoke(cli.main, ["verify-books", "--district", district.id])
    assert done.exit_code == 1
    assert done.output.splitlines() == [
        district.id,
        "  FAILED ZeroDivisionError: division by zero",
        "1 districts, 0 checks broken, 1 districts failed",
    ]


def test_the_command_says_that_all_is_well(district: District, settings: Settings) -> None:
    district.report(member_id=district.member()).ok(201)
    done = command(settings, "--district", district.id)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == district.id
    assert lines[-1] == "1 districts, 0 checks broken"
    assert len(lines) == len(CHECKS) + 2
    assert all(line.startswith("  ok ") for line in lines[1:-1])


def test_the_command_names_what_is_broken_and_fails(
    district: District, settings: Settings, superuser: psycopg.Connection
) -> None:
    member = district.member()
    district.report(member_id=member, amount=6000).ok(201)
    superuser.execute("UPDATE point_balances SET earned = 61 WHERE member_id = %s", (member[4:],))
    done = command(settings, "--district", district.id)
    assert done.returncode == 1
    assert f"member {uuid(member)}: found 61, wanted 60" in done.stdout
    assert "BROKEN          1 rows  each member's lifetime" in done.stdout
    assert done.stdout.splitlines()[-1] == "1 districts, 1 checks broken"

"""Whoever breaks one row of what was spent, given back, expired or adjusted is told which."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
import pytest
from flask import Flask

from app.points.tasks import expire_district
from tests.factories.books import broken, broken_books, uuid
from tests.factories.clock import ago
from tests.factories.districts import District
from tests.factories.points import adjust, base_rule, new_version
from tests.factories.refunds import give_back

SPENT = "each sale's points spent are its transfers"
REFUNDED = "what was refunded of each sale is the sum of its refunds, and no more than the sale"
REFUND = "each refund's points are its transfers and what had lapsed or was forgiven"
ISSUERS = "each refund's points go back to those who had issued them"
RESTORED = "each restored lot has the issuer, funder, source and beginning of the lot it was spent from"
LAPSED = "what expired of each lot equals its transfers, and no more of that is reclaimed"
LIFETIME = "each member's lifetime of spending and expiry equals the transfers"
ADJUSTED = "each adjustment is its transfers"
OWED = "what is owed equals the owed accounts"
OUTSTANDING = "points outstanding: issued − redeemed − breakage ± adjustment = members − owed"


@dataclass(frozen=True, slots=True)
class Told:
    """Ids (bare, with hyphens, as SQL tells them)."""

    member: str
    paid: str
    back: str
    other_back: str
    adjustment: str
    district: str


@pytest.fixture
def told(app: Flask, district: District) -> Told:
    """A member who spent, gave back what was paid with points and what had earned, whose points expired, and who owes."""
    with app.app_context():
        new_version(district, base_rule(funding={"merchant": 50, "district": 50}))
        member = district.member()

        def sell(amount: int, **more: object) -> str:
            return str(district.report(member_id=member, amount=amount, **more).ok(201)["id"])

        earned = sell(20_000)
        old = sell(10_000, occurred_at=ago(days=800))
        paid = sell(15_000, points_to_spend=150, eligible_amount=0)
        back = give_back(district, paid, 5_000)["id"]
        other_back = give_back(district, earned, 20_000)["id"]
        give_back(district, old, 1_000)
        adjustment = adjust(district, member, 30)["id"]
        expire_district(district.id)
        assert district.balance(member)["owed"] > 0
        assert broken(district.id) == {}
    ids = (member, paid, back, other_back, adjustment, district.id)
    return Told(*map(uuid, ids))


CASES: dict[str, tuple[str, set[str]]] = {
    "points spent on a sale": ("UPDATE transactions SET points_spent = 151 WHERE id = '{paid}'", {SPENT}),
    "what was refunded of a sale": ("UPDATE transactions SET refunded_amount = 4999 WHERE id = '{paid}'", {REFUNDED}),
    "the amount of a refund": ("UPDATE refunds SET amount = 5001 WHERE id = '{back}'", {REFUNDED}),
    "a refund deleted": ("DELETE FROM refunds WHERE id = '{back}'", {REFUNDED}),
    "points that a refund restored": ("UPDATE refunds SET points_restored = 49 WHERE id = '{back}'", {REFUND}),
    "points that a refund took back": (
        "UPDATE refunds SET points_reversed = points_reversed - 1 WHERE id = '{other_back}'",
        {REFUNDED, REFUND, ISSUERS},
    ),
    "the merchant's part of a refund": (
        "UPDATE refunds SET merchant_reversed = merchant_reversed - 1 WHERE id = '{other_back}'",
        {ISSUERS},
    ),
    "points that a refund left owed": (
        "UPDATE refunds SET points_owed = points_owed + 1 WHERE id = '{other_back}'",
        {REFUND},
    ),
    "whom a refund's points went to": (
        "UPDATE transfers AS t SET credit_account_id = a.id FROM accounts AS a WHERE t.journal_id = '{other_back}' "
        "AND t.code = 'reverse' AND a.district_id = t.district_id AND a.kind = 'breakage'",
        {ISSUERS},
    ),
    "the source of a restored lot": (
        "UPDATE lots SET available_at = available_at - interval '1 day' "
        "WHERE member_id = '{member}' AND restored_from IS NOT NULL",
        {RESTORED},
    ),
    "what expired of a lot": (
        "UPDATE lots SET expired = expired - 1 WHERE member_id = '{member}' AND expired > 0 AND reclaimed < expired",
        {LAPSED},
    ),
    "what a member ever spent": (
        "UPDATE point_balances SET spent = spent + 1 WHERE member_id = '{member}'",
        {LIFETIME},
    ),
    "what expired of a member": (
        "UPDATE point_balances SET expired = expired - 1 WHERE member_id = '{member}'",
        {LIFETIME},
    ),
    "the points of an adjustment": ("UPDATE adjustments SET points = 31 WHERE id = '{adjustment}'", {ADJUSTED}),
    "an adjustment deleted": ("DELETE FROM adjustments WHERE id = '{adjustment}'", {ADJUSTED}),
    "a debt forgotten": (
        "UPDATE point_balances SET owed = 0 WHERE member_id = '{member}'",
        {OWED, OUTSTANDING},
    ),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.usefixtures("context")
def test_one_broken_thing_is_found(
    district: District, other_district: District, superuser: psycopg.Connection, told: Told, case: str
) -> None:
    statement, wanted = CASES[case]
    values = {name: getattr(told, name) for name in Told.__slots__}
    assert superuser.execute(statement.format(**values)).rowcount > 0
    assert set(broken_books(district.id)) == wanted
    assert broken(other_district.id) == {}

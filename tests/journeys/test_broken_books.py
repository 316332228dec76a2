"""Whoever breaks one row of the books is told which, by the checks that should know."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
import pytest

from app.ledger.rules import account_id
from tests.factories.books import broken, broken_books, uuid
from tests.factories.districts import District
from tests.factories.points import base_rule, new_version

pytestmark = pytest.mark.usefixtures("context")

OUTSTANDING = "points outstanding: issued − redeemed − breakage ± adjustment = members − owed"
HOLDERS = "each holder's transfers are counted without a gap, each with the balance after it"
BETWEEN = "every transfer stands between two accounts of its asset"
JOURNAL = "every transfer has its journal"
TRANSFERS = "every journal has its transfers"
SIDES = "debits equal credits in each asset"
BALANCE = "each balance equals its transfers"
BALANCE_LOTS = "each balance equals its lots"
PARTS = "available, pending and ended points make up each balance"
CLOCK = "no balance waits longer than its lots for what the clock changes"
OWED = "what is owed equals the owed accounts"
LOT = "no lot is below zero or above its size, and each holds what its transfers left"
ISSUED = "each award was issued by its lot's funder"
EARNED = "each member's lifetime earnings equal what was awarded"
MEMBERS = "every member has a balance, and every balance a member"
SALE = "each sale's points are those of its lots"
STORE = "each sale is of a store of its merchant"
BOUGHT = "whoever bought is a member of the merchant, unless a coupon alone named it"
USAGE = "what members had by capped rules is what their sales gave"
BUDGET = "what is spent of each budget is what sales were given"
DEALT = "no more of a budget is dealt out than there is"


@dataclass(frozen=True, slots=True)
class Told:
    """Ids (bare, with hyphens, as SQL tells them) of one sale and what belongs to it."""

    district: str
    member: str
    sale: str
    merchant: str
    other_merchant: str
    account: str
    lot: str


@pytest.fixture
def told(district: District, superuser: psycopg.Connection) -> Told:
    """The second of three sales of a member; of another member there is one as well. The rule is capped, with a budget."""
    new_version(district, base_rule(caps={"per_member_per_day": 1_000, "per_member_total": 1_000, "budget": 1_600}))
    member, other = district.member(), district.member()
    district.report(member_id=member, amount=1000).ok(201)
    sale = district.report(member_id=member, amount=2000).ok(201)
    district.report(member_id=member, amount=3000).ok(201)
    district.report(member_id=other, amount=4000, store_id=district.other_shop.store_id).ok(201)
    row = superuser.execute("SELECT id::text FROM lots WHERE source_id = %s", (sale["id"][4:],)).fetchone()
    assert row is not None
    return Told(
        uuid(district.id),
        uuid(member),
        uuid(sale["id"]),
        uuid(district.shop.merchant_id),
        uuid(district.other_shop.merchant_id),
        uuid(account_id("points", "member", member)),
        row[0],
    )


# One thing broken at a time: (what is done, which checks find it, naming which row with what found and wanted)


CASES: dict[str, tuple[str, dict[str, tuple[str, str, str]]]] = {
    "a transfer's amount": (
        "UPDATE transfers SET amount = 21 WHERE journal_id = '{sale}'",
        {
            HOLDERS: ("account {account} entry 2", "2: 30", "2: 31"),
            BALANCE: ("member {member}", "60 after 3", "61 after 3"),
            LOT: ("lot {lot}", "20 of 20", "21 of 21"),
            OUTSTANDING: ("points", "outstanding 101, held 101", "balances 100"),
        },
    ),
    "a transfer deleted": (
        "DELETE FROM transfers WHERE journal_id = '{sale}'",
        {
            TRANSFERS: ("journal {sale}", "no transfer", "a transfer"),
            HOLDERS: ("account {account} entry 3", "3: 60", "2: 40"),
            BALANCE: ("member {member}", "60 after 3", "40 after 2"),
            LOT: ("lot {lot}", "20 of 20", "0 of 0"),
            OUTSTANDING: ("points", "outstanding 80, held 80", "balances 100"),
        },
    ),
    "a journal deleted": (
        "DELETE FROM journals WHERE id = '{sale}'",
        {JOURNAL: ("journal {sale} line 0", "no journal", "a journal")},
    ),
    "a transfer's asset": (
        "UPDATE transfers SET asset = 'CNY' WHERE journal_id = '{sale}'",
        {
            BETWEEN: ("journal {sale} line 0", "points/points", "CNY"),
            OUTSTANDING: ("points", "outstanding 80, held 80", "balances 100"),
        },
    ),
    "the issuer's account removed": (
        "DELETE FROM accounts WHERE kind = 'issued' AND owner_id = '{other_merchant}'",
        {
            BETWEEN: ("journal", "none/points", "points"),
            ISSUED: ("lot", "none", "issued of {other_merchant}"),
            SIDES: ("asset points", "100", "60"),
            OUTSTANDING: ("points", "outstanding 60, held 100", "balances 100"),
        },
    ),
    "the member's account removed": (
        "DELETE FROM accounts WHERE kind = 'member' AND owner_id = '{member}'",
        {
            BETWEEN: ("journal", "points/none", "points"),
            SIDES: ("asset points", "40", "100"),
            BALANCE: ("member {member}", "60 after 3", "0 after 0"),
            OUTSTANDING: ("points", "outstanding 100, held 40", "balances 100"),
        },
    ),
    "what is left of a lot": (
        "UPDATE lots SET remaining = 19 WHERE id = '{lot}'",
        {
            BALANCE_LOTS: ("member {member}", "60", "59"),
            PARTS: ("member {member}", "60+0", "59+0"),
            LOT: ("lot {lot}", "19 of 20", "20 of 20"),
        },
    ),
    "a lot deleted": (
        "DELETE FROM lots WHERE id = '{lot}'",
        {
            BALANCE_LOTS: ("member {member}", "60", "40"),
            PARTS: ("member {member}", "60+0", "40+0"),
            EARNED: ("member {member}", "60", "40"),
            SALE: ("transaction {sale}", "20", "0"),
        },
    ),
    "a lot's sale": (
        "UPDATE lots SET source_id = '{member}' WHERE id = '{lot}'",
        {SALE: ("transaction", "", "20")},
    ),
    "a balance": (
        "UPDATE point_balances SET ledger = 70, available = 70 WHERE member_id = '{member}'",
        {
            BALANCE: ("member {member}", "70 after 3", "60 after 3"),
            BALANCE_LOTS: ("member {member}", "70", "60"),
            PARTS: ("member {member}", "70+0", "60+0"),
            OUTSTANDING: ("points", "outstanding 100, held 100", "balances 110"),
        },
    ),
    "what is available": (
        "UPDATE point_balances SET available = 59 WHERE member_id = '{member}'",
        {PARTS: ("member {member}", "59+0", "60+0")},
    ),
    "the count of a balance's transfers": (
        "UPDATE point_balances SET sequence = 2 WHERE member_id = '{member}'",
        {BALANCE: ("member {member}", "60 after 2", "60 after 3")},
    ),
    "when the clock changes a balance": (
        "UPDATE point_balances SET next_change_at = NULL WHERE member_id = '{member}'",
        {CLOCK: ("member {member}", "never", "20")},
    ),
    "the end of a lot": (
        "UPDATE lots SET expires_at = now() + interval '1 hour' WHERE id = '{lot}'",
        {CLOCK: ("member {member}", "20", "20")},
    ),
    "who issued a lot": (
        "UPDATE lots SET merchant_id = '{other_merchant}' WHERE id = '{lot}'",
        {ISSUED: ("lot {lot}", "issued of {merchant}", "issued of {other_merchant}")},
    ),
    "who pays for a lot": (
        "UPDATE lots SET funder = 'district' WHERE id = '{lot}'",
        {
            ISSUED: ("lot {lot}", "issued of {merchant}", "issued of {district}"),
            SALE: ("transaction {sale}", "20, its merchant's 20", "20, its merchant's 0"),
        },
    ),
    "what a balance owes": (
        "UPDATE point_balances SET owed = 5 WHERE member_id = '{member}'",
        {OWED: ("member {member}", "5", "0"), OUTSTANDING: ("points", "outstanding 100, held 100", "balances 95")},
    ),
    "what a balance ever earned": (
        "UPDATE point_balances SET earned = 61 WHERE member_id = '{member}'",
        {EARNED: ("member {member}", "61", "60")},
    ),
    "a balance deleted": (
        "DELETE FROM point_balances WHERE member_id = '{member}'",
        {
            BALANCE_LOTS: ("member {member}", "none", "60"),
            MEMBERS: ("member {member}", "a member", "both"),
            OUTSTANDING: ("points", "outstanding 100, held 100", "balances 40"),
        },
    ),
    "the balance after a transfer": (
        "UPDATE transfers SET holder_balance = 31 WHERE journal_id = '{sale}'",
        {HOLDERS: ("account {account} entry 2", "2: 31", "2: 30")},
    ),
    "a sale's points": (
        "UPDATE transactions SET points_earned = 21 WHERE id = '{sale}'",
        {SALE: ("transaction {sale}", "21", "20")},
    ),
    "a sale deleted": (
        "DELETE FROM transactions WHERE id = '{sale}'",
        {
            SALE: ("transaction {sale}", "no sale", "20"),
            USAGE: ("member {member} base", "60", "40"),
            BUDGET: ("rule base", "100", "80"),
        },
    ),
    "a sale's merchant": (
        "UPDATE transactions SET merchant_id = '{other_merchant}' WHERE id = '{sale}'",
        {
            STORE: ("transaction {sale}", "store", "a store of merchant {other_merchant}"),
            BOUGHT: ("transaction {sale}", "member {member}", "a membership at {other_merchant}"),
        },
    ),
    "what a member had by a rule": (
        "UPDATE rule_usage SET points = '{{\"base\": 59}}' WHERE member_id = '{member}'",
        {USAGE: ("member {member} base", "59", "60")},
    ),
    "what a member had by a rule on another day": (
        "UPDATE rule_usage SET day = day + 1 WHERE member_id = '{member}' AND day > '2000-01-01'",
        {USAGE: ("member {member} base", "60", "0")},
    ),
    "the use of rules deleted": (
        "DELETE FROM rule_usage WHERE member_id = '{member}'",
        {USAGE: ("member {member} base", "0", "60")},
    ),
    "what is spent of a budget": (
        "UPDATE rule_budgets SET spent = spent - 1 WHERE district_id = '{district}' AND spent > 0",
        {BUDGET: ("rule base", "", "100")},
    ),
    "a budget deleted": (
        "DELETE FROM rule_budgets WHERE district_id = '{district}'",
        {BUDGET: ("rule base", "no budget", "100")},
    ),
    "a slice of a budget": (
        "UPDATE rule_budgets SET allotted = allotted + 1 WHERE district_id = '{district}' AND slice = 3",
        {DEALT: ("rule base", "1601", "1600")},
    ),
    "what a rule gave for a sale": (
        "UPDATE transactions SET outcomes = '[[\"base\", 21, \"applied\"]]' WHERE id = '{sale}'",
        {USAGE: ("member {member} base", "60", "61"), BUDGET: ("rule base", "100", "101")},
    ),
    "a membership deleted": (
        "DELETE FROM merchant_memberships WHERE member_id = '{member}'",
        {BOUGHT: ("transaction", "member {member}", "a membership at {merchant}")},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_one_broken_thing_is_found_and_named(
    district: District, other_district: District, superuser: psycopg.Connection, told: Told, case: str
) -> None:
    assert broken(district.id) == {}
    statement, wanted = CASES[case]
    values = {name: getattr(told, name) for name in Told.__slots__}
    assert superuser.execute(statement.format(**values)).rowcount > 0
    found = broken_books(district.id)
    assert found.keys() == wanted.keys()
    for check, parts in wanted.items():
        expected = [part.format(**values) for part in parts]
        assert any(
            all(said.startswith(words) for said, words in zip(row, expected, strict=True)) for row in found[check]
        ), (check, found[check])
    assert broken(other_district.id) == {}


def test_at_most_twenty_rows_are_named(district: District, superuser: psycopg.Connection) -> None:
    member = district.member()
    sales = [district.sale(member_id=member, amount=100) for _ in range(25)]
    district.api.post("/v1/transactions/batch", {"transactions": sales}, district.key).ok()
    superuser.execute("DELETE FROM journals WHERE district_id = %s", (uuid(district.id),))
    assert len(broken_books(district.id)[JOURNAL]) == 20

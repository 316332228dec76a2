"""Whoever breaks one row of settlement is told which, by the checks that should know."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask

from app.points.tasks import expire_district
from app.settlement.accounts.checks import CHECKS as OF_ACCOUNTS
from app.settlement.checks import CHECKS as OF_SETTLEMENT
from app.settlement.disputes.checks import CHECKS as OF_DISPUTES
from app.settlement.evidence.checks import CHECKS as OF_EVIDENCE
from tests.conftest import OPERATOR_KEY
from tests.factories.api import Api
from tests.factories.books import broken
from tests.factories.clock import SetClock
from tests.factories.disputes import answer, dispute, line_of, statement_of
from tests.factories.districts import District, new_district
from tests.factories.points import adjust
from tests.factories.refunds import give_back
from tests.factories.settlement import close, month, publish_terms
from tests.factories.settlement_accounts import deposit

LEFT = "no journal was left by the periods that are closed"
IN_ORDER = "periods are closed in order, without a gap"
TO_NOTHING = "the net positions of a closed period and its pool come to 0"
ROUNDED = "each statement is its lines, each rounded once"
OPENS = "each statement opens with what the one before closed with"
ON_ACCOUNT = "what each party is owed or owes stands on its account"
BROUGHT = "lines hold what the journals of their period bring, exactly"
HANG = "closed periods hang together: each hash is that of the one before, and of what the period was"
TREE = "the tree of each closed period is that of its statements"
TAKEN_IN = "what was taken in of statements is what they come to"
DEPOSIT = "every deposit is what its movements come to, and stands on its account"
DEPOSIT_BOOKED = "each movement of a deposit is a journal"
RESERVE = "the pool is worth the points that are out, breakage kept, and the margin, less what was drawn"
HELD = "what is disputed is held, as long as that waits for an answer"
GRANTED = "what is granted of a dispute is a correction by another person than who opened it"
POSTED = "corrections are posted once they are approved, and never before"
CHECKS = (*OF_SETTLEMENT, *OF_EVIDENCE, *OF_ACCOUNTS, *OF_DISPUTES)
OF = "district_id = %(district)s"
LAST = f"id = (SELECT id FROM settlement_periods WHERE {OF} AND number = 2)"
A_LINE = f"ctid = (SELECT max(ctid) FROM statement_lines WHERE {OF})"
A_STATEMENT = f"ctid = (SELECT max(ctid) FROM statements WHERE {OF} AND opening <> 0)"


@pytest.fixture(scope="module")
def kept(_clockwork: tuple[Flask, SetClock]) -> Iterator[District]:
    """Of every kind of movement one, two closed periods, and two disputes. Its books are whole before and after each test."""
    app, clock = _clockwork
    clock.set(month(1))
    district = new_district(Api.inside(app, OPERATOR_KEY))
    publish_terms(district, redemption_price="0.8").ok(201)
    member, other = district.member(), district.member()
    with app.app_context():
        sale = district.report(member_id=member, amount=30_000).ok(201)
        spent = district.report(
            member_id=member, amount=100, points_to_spend=100, store_id=district.other_shop.store_id
        ).ok(201)
        adjust(district, other, 50)
        deposit(district, district.shop, 500).ok(201)
        clock.set(month(2))
        close(district, 1)
        owing, owed = (statement_of(district, 1, one.merchant_id) for one in (district.shop, district.other_shop))
        dispute(district, owing, line_of(owing, "issue")["line"], 80).ok(201)
        granted = dispute(district, owed, line_of(owed, "acceptance")["line"], 36).ok(201)
        answer(district, granted, "accept", amount=30).ok(200)
        give_back(district, sale["id"], 25_000)
        give_back(district, spent["id"], 50)
        clock.set(month(3))
        close(district, 2)
        district.report(member_id=member, amount=10_000).ok(201)
        clock.set(month(15))
        expire_district(district.id)
        yield district


@pytest.mark.parametrize(
    ("damage", "wanted"),
    [
        (f"DELETE FROM settled_journals WHERE {OF}", {LEFT, BROUGHT}),
        (f"UPDATE settlement_periods SET starts_at = starts_at + interval '1 hour' WHERE {OF} AND {LAST}", {IN_ORDER}),
        (f"UPDATE settlement_periods SET pool = pool + 1 WHERE {OF} AND {LAST}", {TO_NOTHING}),
        (f"UPDATE statement_lines SET amount = amount + 1 WHERE {OF} AND {A_LINE}", {ROUNDED}),
        (f"UPDATE statement_lines SET points = points + 1 WHERE {OF} AND {A_LINE}", {ROUNDED, BROUGHT}),
        (
            f"UPDATE statements SET opening = opening + 1, closing = closing + 1 WHERE {OF} AND {A_STATEMENT}",
            {OPENS, ON_ACCOUNT, TAKEN_IN},
        ),
        (f"UPDATE transfers SET amount = amount + 1 WHERE {OF} AND code = 'settle'", {ON_ACCOUNT}),
        (f"UPDATE transfers SET amount = amount + 1 WHERE {OF} AND code = 'spend'", {BROUGHT, RESERVE}),
        (f"UPDATE lots SET remaining = remaining - 1 WHERE {OF} AND remaining > 1", {RESERVE}),
        (f"UPDATE settlement_terms SET issue_price = issue_price + 1 WHERE {OF}", {BROUGHT, HANG}),
        (f"UPDATE settlement_periods SET hash = sha256(hash) WHERE {OF} AND number = 1", {HANG}),
        (f"UPDATE settlement_periods SET ends_on = ends_on + 1 WHERE {OF} AND {LAST}", {HANG}),
        (f"UPDATE settlement_periods SET tree = sha256(tree) WHERE {OF} AND {LAST}", {HANG, TREE}),
        (f"UPDATE statement_leaves SET content = content || ' ' WHERE {OF} AND place = 1", {TREE}),
        (f"DELETE FROM statement_leaves WHERE {OF} AND place = 1", {HANG, TREE, TAKEN_IN}),
        (f"UPDATE settlement_accounts SET deposit = deposit + 1 WHERE {OF}", {DEPOSIT}),
        (f"UPDATE deposit_movements SET amount = amount + 1 WHERE {OF}", {DEPOSIT, DEPOSIT_BOOKED}),
        (f"UPDATE transfers SET amount = amount + 1 WHERE {OF} AND code = 'deposit'", {DEPOSIT, DEPOSIT_BOOKED}),
        (f"DELETE FROM statement_holds WHERE {OF} AND released_at IS NULL", {HELD}),
        (f"UPDATE statement_holds SET released_at = NULL, released_by = NULL WHERE {OF} AND amount = 36", {HELD}),
        (f"UPDATE corrections SET amount = amount + 1 WHERE {OF}", {GRANTED, POSTED}),
        (f"UPDATE corrections SET status = 'rejected' WHERE {OF}", {GRANTED, POSTED}),
        (
            f"UPDATE disputes AS d SET opened_by = c.decided_by FROM corrections AS c "
            f"WHERE d.{OF} AND c.id = d.correction_id",
            {GRANTED},
        ),
        (f"UPDATE transfers SET amount = amount + 1 WHERE {OF} AND code = 'correction'", {BROUGHT, POSTED}),
    ],
)
def test_a_broken_row_is_found(kept: District, superuser: psycopg.Connection, damage: str, wanted: set[str]) -> None:
    values = {"district": kept.id[-32:]}
    with superuser.transaction(force_rollback=True):
        assert superuser.execute(damage, values).rowcount
        found = {one.name for one in CHECKS if superuser.execute(one.broken.encode(), values).fetchall()}
    assert found == wanted


def test_unbroken_books_are_whole(kept: District) -> None:
    assert broken(kept.id) == {}

"""Posting: what goes in comes out, to the last unit; and nothing is ever changed."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import errors as pg

from app.foundation.checks import run
from app.foundation.clock import utc_now
from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.ids import new_id
from app.foundation.tenancy import system_principal
from app.ledger.checks import CHECKS
from app.ledger.rules import Journal, Transfer, account_id
from app.ledger.services import open_accounts, post
from tests.factories.districts import District

pytestmark = pytest.mark.usefixtures("context")
ASSETS = ("points", "CNY")
KINDS = ("member", "issued", "redeemed")
MOVES = st.tuples(
    st.sampled_from(ASSETS), st.permutations(KINDS), st.integers(1, 2**62), st.sampled_from(("earn", "spend", "它"))
)


def journal(district: District) -> Journal:
    return Journal(new_id("txn"), "sale", "key_" + "0" * 32, utc_now())


def move(of: Journal, owner: str, line: int = 0, amount: int = 5, debit: str = "issued") -> Transfer:
    debited, credited = (account_id("points", kind, owner) for kind in (debit, "member"))
    return Transfer(of.id, line, "points", debited, credited, amount, "earn")


def count(superuser: psycopg.Connection, table: str, district: District) -> int:
    row = superuser.execute(f"SELECT count(*) FROM {table} WHERE district_id = %s", (district.id[4:],)).fetchone()
    assert row is not None
    return int(row[0])


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(journals=st.lists(st.lists(MOVES, min_size=1, max_size=4), max_size=5), pipelined=st.booleans())
def test_what_is_posted_stands_in_the_books(district: District, journals: list[Any], pipelined: bool) -> None:
    owner = new_id("own")
    sums: Counter[str] = Counter()
    heads, transfers = [], []
    for moves in journals:
        heads.append(journal(district))
        for line, (asset, (debit, credit, _), amount, code) in enumerate(moves):
            debited, credited = account_id(asset, debit, owner), account_id(asset, credit, owner)
            sums[debited] -= amount
            sums[credited] += amount
            transfers.append(Transfer(heads[-1].id, line, asset, debited, credited, amount, code))
    principal = system_principal(district.id)
    with unit_of_work(principal, pipelined=pipelined) as uow:
        open_accounts(uow, [(asset, kind, owner) for asset, kind in itertools.product(ASSETS, KINDS)])
        post(uow, heads, transfers)
    with unit_of_work(principal, snapshot=True) as uow:
        rows = uow.rows(
            "SELECT a.id, sum(CASE WHEN t.credit_account_id = a.id THEN t.amount ELSE -t.amount END) FROM accounts a "
            "JOIN transfers t ON a.id IN (t.debit_account_id, t.credit_account_id) WHERE a.owner_id = %s GROUP BY a.id",
            (owner[4:],),
        )
        assert {f"acc_{account}": int(total) for account, total in rows} == sums
        assert [finding for finding in run(uow, CHECKS, {}) if finding.broken] == []


def test_an_account_is_opened_once(district: District, superuser: psycopg.Connection) -> None:
    before = count(superuser, "accounts", district)
    owner = new_id("mem")
    for _ in range(2):
        with unit_of_work(system_principal(district.id)) as uow:
            open_accounts(uow, [("points", "member", owner), ("points", "owed", owner)])
    assert count(superuser, "accounts", district) == before + 2


def test_no_transfers_are_no_journal(district: District, superuser: psycopg.Connection) -> None:
    with unit_of_work(system_principal(district.id)) as uow:
        post(uow, [journal(district)], [])
    assert count(superuser, "journals", district) == 0


@pytest.mark.parametrize("pipelined", [False, True])
@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"amount": 0}, pg.CheckViolation),
        ({"amount": -1}, pg.CheckViolation),
        ({"amount": 2**63}, pg.NumericValueOutOfRange),
        ({"debit": "member"}, pg.CheckViolation),
        ({"line": 0}, pg.UniqueViolation),
    ],
)
def test_a_journal_stands_or_falls_whole(
    district: District,
    superuser: psycopg.Connection,
    change: dict[str, Any],
    error: type[Exception],
    pipelined: bool,
) -> None:
    owner, head = new_id("mem"), journal(district)
    with pytest.raises(error), unit_of_work(system_principal(district.id), pipelined=pipelined) as uow:
        post(uow, [head], [move(head, owner), move(head, owner, **{"line": 1, **change})])
    assert (count(superuser, "journals", district), count(superuser, "transfers", district)) == (0, 0)


@pytest.mark.parametrize("table", ["accounts", "journals", "transfers"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET district_id = district_id", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_product_only_ever_adds(district: District, table: str, verb: str) -> None:
    with pytest.raises(pg.InsufficientPrivilege), unit_of_work(system_principal(district.id)) as uow:
        uow.execute(verb.format(table))

"""Merchants' accounts: one person alone sends nobody's money elsewhere, and nothing of a bank account leaks."""

from __future__ import annotations

import psycopg

from tests.factories.checksums import Watch
from tests.factories.districts import District
from tests.factories.problems import check_problem
from tests.factories.settlement_accounts import BANK, another_key, change_account, deposit, path_of


def test_who_changes_bank_details_doesn_t_approve_them(district: District, watch: Watch) -> None:
    """Not even by changing them to what they were, as somebody else had approved them."""
    approve, second = path_of(district.shop, "/settlement-account/approve"), another_key(district)
    check_problem(district.api.post(approve, {}, district.key), 404, "not-found")
    change_account(district, district.shop, bank_details=BANK).ok(200)
    before = watch.sums(district.id)
    check_problem(district.api.post(approve, {}, district.key), 409, "second-person-needed")
    assert watch.sums(district.id) == before
    district.api.post(approve, {}, second).ok(200)
    other = {**BANK, "account_number": "99999999"}
    for details in (other, BANK):
        shown = change_account(district, district.shop, key=second, bank_details=details).ok(200)
        assert shown["bank_details"]["approved_at"] is None
    check_problem(district.api.post(approve, {}, second), 409, "second-person-needed")


def test_no_deposit_falls_below_nothing(district: District, watch: Watch) -> None:
    """No more is given back than was received."""
    deposit(district, district.shop, 500).ok(201)
    before = watch.sums(district.id)
    check_problem(deposit(district, district.shop, 501, kind="returned"), 409, "deposit-too-small")
    check_problem(deposit(district, district.other_shop, 1, kind="returned"), 409, "deposit-too-small")
    assert deposit(district, district.shop, 0).status == 422
    assert deposit(district, district.shop, 5, kind="set_off").status == 422
    assert watch.sums(district.id) == before


def test_a_merchant_changes_nothing_of_its_own_account(district: District, watch: Watch) -> None:
    """Its limit, its deposit and where it is paid are the alliance's to say, after looking."""
    before = watch.sums(district.id)
    check_problem(change_account(district, district.shop, key=district.shop.key, credit_limit=1), 403, "forbidden")
    for path in ("/settlement-account", "/deposits"):
        check_problem(district.api.get(path_of(district.shop, path), district.shop.key), 403, "forbidden")
    assert watch.sums(district.id) == before


def test_an_account_number_stands_nowhere_in_clear(district: District, superuser: psycopg.Connection) -> None:
    """Neither in its row, nor in the audit log, in events or in answers that are kept for a repetition."""
    number = "0012987650043211"
    address, body = path_of(district.shop), {"bank_details": {**BANK, "account_number": number}}
    answer = district.api.call("PATCH", address, body, key=district.key, idempotency_key="bank")
    assert number not in str(answer.ok(200))
    for table in ("settlement_accounts", "audit_entries", "outbox", "idempotency_keys"):
        query = f"SELECT count(*) FROM {table} AS t WHERE district_id = %s AND t::text LIKE %s"
        [(found,)] = superuser.execute(query, (district.id[4:], f"%{number}%"))
        assert found == 0, table

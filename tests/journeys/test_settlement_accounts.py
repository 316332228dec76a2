"""How merchants are billed, and their deposits, through the API."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.factories.books import broken
from tests.factories.clock import SetClock
from tests.factories.districts import District
from tests.factories.settlement import month
from tests.factories.settlement_accounts import BANK, account_of, another_key, change_account, deposit, path_of


@pytest.fixture(autouse=True)
def _balanced(timed: District, timed_app: Flask, clock: SetClock) -> Iterator[None]:
    clock.set(month(1))
    with timed_app.app_context():
        yield
        assert broken(timed.id) == {}


def test_a_merchant_is_billed_as_the_alliance_says(timed: District) -> None:
    """What nobody has said is as usual; each change leaves the rest as it was."""
    usual = account_of(timed, timed.shop)
    assert (usual["provider"], usual["credit_limit"], usual["beyond_limit"], usual["deposit"]) == (
        "manual",
        None,
        "warn",
        0,
    )
    change_account(timed, timed.shop, provider="bank_file", credit_limit=100_000).ok(200)
    changed = change_account(timed, timed.shop, beyond_limit="pause_awards").ok(200)
    assert (changed["provider"], changed["credit_limit"], changed["beyond_limit"]) == (
        "bank_file",
        100_000,
        "pause_awards",
    )
    assert change_account(timed, timed.shop, credit_limit=None).ok(200)["credit_limit"] is None


def test_new_bank_details_wait_for_a_second_person_and_two_days(timed: District, clock: SetClock) -> None:
    """Numbers stay texts, names stay as they are, and of the number only its end is told."""
    shown = change_account(timed, timed.shop, bank_details=BANK).ok(200)
    details = shown["bank_details"]
    assert (details["holder"], details["account_number"], details["bank_code"]) == (BANK["holder"], "******5678", "001")
    assert (shown["may_be_paid"], details["pays_out_from"]) == (False, None)
    approve, second = path_of(timed.shop, "/settlement-account/approve"), another_key(timed)
    approved = timed.api.post(approve, {}, second).ok(200)
    assert (approved["may_be_paid"], approved["bank_details"]["approved_at"] is None) == (False, False)
    assert timed.api.post(approve, {}, second).ok(200) == approved
    clock.set(month(1, 12, "11:59"))
    assert not account_of(timed, timed.shop)["may_be_paid"]
    clock.set(month(1, 12, "12:00"))
    assert account_of(timed, timed.shop)["may_be_paid"]
    assert change_account(timed, timed.shop, bank_details=BANK).ok(200)["may_be_paid"]
    assert not change_account(timed, timed.shop, bank_details={**BANK, "account_number": "12345678"}).ok(200)[
        "may_be_paid"
    ]
    assert change_account(timed, timed.shop, bank_details=None).ok(200)["bank_details"] is None


def test_deposits_are_books(timed: District) -> None:
    """Received and given back, once for each idempotency key, each with what it left."""
    assert deposit(timed, timed.shop, 500, reference="0042").ok(201)["deposit"] == 500
    body, address = {"amount": 230, "kind": "returned"}, path_of(timed.shop, "/deposits")
    first, again = (timed.api.post(address, body, timed.key, "once").ok(201) for _ in range(2))
    assert (first["deposit"], again) == (270, first)
    assert account_of(timed, timed.shop)["deposit"] == 270
    listed = timed.api.get(address, timed.key).ok(200)["data"]
    assert [(one["kind"], one["amount"], one["deposit"]) for one in listed] == [
        ("returned", 230, 270),
        ("received", 500, 500),
    ]

"""Ids of accounts, which anyone can compute, and the values that are posted."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.foundation.ids import is_id, new_id
from app.ledger.rules import Journal, Transfer, account_id

OWNERS = st.uuids().map(lambda one: f"mem_{one.hex}")
KINDS = ("member", "owed", "issued", "redeemed", "breakage", "adjustment")
MEMBER, MERCHANT = new_id("mem"), new_id("mer")


@given(OWNERS, st.sampled_from(KINDS), st.sampled_from(["points", "CNY"]))
def test_an_account_id_is_an_id_and_always_the_same(owner: str, kind: str, asset: str) -> None:
    account = account_id(asset, kind, owner)
    assert is_id("acc", account)
    assert account == account_id(asset, kind, owner)
    assert account[4:] != owner[4:]


@given(st.lists(OWNERS, min_size=1, max_size=6, unique=True))
def test_no_two_accounts_share_an_id(owners: list[str]) -> None:
    wanted = list(product(["points", "CNY"], KINDS, owners))
    assert len({account_id(*one) for one in wanted}) == len(wanted)


def test_an_asset_and_a_kind_are_not_taken_for_each_other() -> None:
    assert account_id("points", "member", MEMBER) != account_id("member", "points", MEMBER)


def test_the_prefix_of_the_owner_is_no_part_of_it() -> None:
    assert account_id("points", "issued", MERCHANT) == account_id("points", "issued", MERCHANT[4:])


def test_entries_can_not_be_changed() -> None:
    journal = Journal(new_id("txn"), "sale", new_id("key"), datetime(2026, 1, 1, tzinfo=UTC))
    debit, credit = account_id("points", "issued", MERCHANT), account_id("points", "member", MEMBER)
    transfer = Transfer(journal.id, 0, "points", debit, credit, 12, "earn")
    for entry, name in ((journal, "kind"), (transfer, "amount")):
        with pytest.raises(AttributeError):
            setattr(entry, name, "changed")


def test_a_transfer_need_not_have_a_holder() -> None:
    transfer = Transfer(new_id("jrn"), 0, "points", "acc_a", "acc_b", 12, "earn")
    assert (transfer.subject_id, transfer.holder_id, transfer.holder_sequence, transfer.holder_balance) == (None,) * 4

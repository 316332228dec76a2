"""A sale as a value: its prints, its row, and how the API shows it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from app.transactions.reports import SaleReport
from app.transactions.sales.present import show_sale
from app.transactions.sales.record import COLUMNS, PREFIXES, Record, record_of
from app.transactions.sales.sale import print_of_body, print_of_member
from app.transactions.schemas import SALE

HEX, OTHER_HEX = "0193f0a1b2c37d4e8f90a1b2c3d4e5f6", "1" * 32
STORE, OTHER_STORE, MEMBER = f"str_{HEX}", f"str_{OTHER_HEX}", f"mem_{HEX}"
AT = datetime(2026, 1, 1, 12, 15, tzinfo=UTC)


def reported(**changes: Any) -> SaleReport:
    loaded: SaleReport = SALE.load({"reference": "A101-1", "store_id": STORE, "amount": 12800} | changes)
    return loaded


def record(**changes: Any) -> Record:
    values: dict[str, Any] = dict.fromkeys(COLUMNS)
    plain = {
        "id": f"txn_{HEX}",
        "merchant_id": f"mer_{HEX}",
        "store_id": STORE,
        "member_id": MEMBER,
        "reference": "A101-1",
        "amount": 12800,
        "discount_amount": 0,
        "points_spent": 0,
        "points_amount": 0,
        "paid_amount": 12800,
        "eligible_amount": 12800,
        "refunded_amount": 0,
        "currency": "CNY",
        "points_earned": 128,
        "merchant_funded": 28,
        "available_at": AT,
        "rule_set_version": 1,
        "principal_id": f"key_{HEX}",
        "occurred_at": AT,
        "recorded_at": AT,
    }
    return Record(**values | plain | changes)


def test_a_print_has_sixteen_bytes_and_stays() -> None:
    assert len(print_of_body(reported(), STORE)) == 16
    assert print_of_body(reported(), STORE) == print_of_body(reported(), STORE)


@pytest.mark.parametrize(
    "same",
    [
        reported(reference="A101-2"),
        reported(member_id=MEMBER),
        reported(phone="13800000000"),
        reported(store_id=None, store_code="A101-1"),
        reported(store_id=None),
    ],
    ids=["reference", "member", "phone", "store by its code", "store of the key"],
)
def test_reference_buyer_and_the_way_a_store_is_named_are_no_part_of_it(same: dict[str, Any]) -> None:
    assert print_of_body(same, STORE) == print_of_body(reported(), STORE)


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": 12801},
        {"eligible_amount": 12800},
        {"currency": "CNY"},
        {"occurred_at": "2026-01-01T20:15:00+08:00"},
        {"channel": "till"},
        {"payment_method": "till"},
        {"payment_reference": "till"},
        {"items": [{"amount": 12800}]},
        {"items": [{"amount": 1}, {"amount": 2}]},
        {"items": [{"amount": 2}, {"amount": 1}]},
        {"metadata": {"a": "1"}},
        {"metadata": {"a": "1", "b": "2"}},
    ],
    ids=str,
)
def test_all_else_is(changes: dict[str, Any]) -> None:
    assert print_of_body(reported(**changes), STORE) != print_of_body(reported(), STORE)


def test_no_two_fields_are_taken_for_each_other() -> None:
    names = ("channel", "payment_method", "payment_reference")
    assert len({print_of_body(reported(**{name: "x"}), STORE) for name in names}) == len(names)


def test_another_store_is_another_sale() -> None:
    assert print_of_body(reported(), OTHER_STORE) != print_of_body(reported(), STORE)


def test_the_order_of_metadata_and_the_zone_of_the_instant_do_not_matter() -> None:
    one = reported(metadata={"a": "1", "b": "2"}, occurred_at="2026-01-01T20:15:00+08:00")
    other = reported(metadata={"b": "2", "a": "1"}, occurred_at="2026-01-01T12:15:00Z")
    assert print_of_body(one, STORE) == print_of_body(other, STORE)


def test_prints_of_buyers_differ_by_kind_and_value() -> None:
    kinds, values = ("member_id", "phone", "presence_token"), (b"1", b"2", b"")
    prints = {print_of_member(kind, value) for kind in kinds for value in values}
    assert len(prints) == 9
    assert {len(one) for one in prints} == {16}


def test_columns_are_the_fields_of_a_record() -> None:
    assert tuple(Record.__slots__) == COLUMNS
    assert set(PREFIXES) <= set(COLUMNS)


def test_a_row_gets_its_prefixes_back() -> None:
    wanted = record()
    bare = [getattr(wanted, name)[4:] if name in PREFIXES else getattr(wanted, name) for name in COLUMNS]
    assert record_of(bare) == wanted
    assert record_of(tuple(bare)) == wanted


def test_no_member_stays_none() -> None:
    row = [None if name == "member_id" else HEX if name in PREFIXES else getattr(record(), name) for name in COLUMNS]
    assert record_of(row).member_id is None


@pytest.mark.parametrize(
    ("amount", "refunded", "status"),
    [
        (12800, 0, "recorded"),
        (12800, 1, "partially_refunded"),
        (12800, 12799, "partially_refunded"),
        (12800, 12800, "refunded"),
        (0, 0, "recorded"),
    ],
)
def test_status(amount: int, refunded: int, status: str) -> None:
    assert record(amount=amount, refunded_amount=refunded).status == status


def test_a_sale_as_the_contract_shows_it() -> None:
    balance = {"available": 815, "pending": 115, "owed": 0}
    explanation = [{"rule_key": "base", "name": "1 per yuan", "outcome": "applied", "points": 128}]
    shown = show_sale(record(), balance=balance, explanation=explanation)
    assert orjson.loads(orjson.dumps(shown, option=orjson.OPT_UTC_Z)) == {
        "object": "transaction",
        "id": f"txn_{HEX}",
        "reference": "A101-1",
        "merchant_id": f"mer_{HEX}",
        "store_id": STORE,
        "member_id": MEMBER,
        "amount": 12800,
        "discount_amount": 0,
        "points_spent": 0,
        "points_amount": 0,
        "paid_amount": 12800,
        "eligible_amount": 12800,
        "refunded_amount": 0,
        "currency": "CNY",
        "status": "recorded",
        "coupons": [],
        "points_earned": 128,
        "points_funded": {"merchant": 28, "district": 100},
        "available_at": "2026-01-01T12:15:00Z",
        "expires_at": None,
        "balance": balance,
        "rule_set_version": 1,
        "explanation": explanation,
        "channel": None,
        "payment_method": None,
        "payment_reference": None,
        "items": [],
        "metadata": {},
        "claimed_at": None,
        "occurred_at": "2026-01-01T12:15:00Z",
        "recorded_at": "2026-01-01T12:15:00Z",
    }


def test_nothing_secret_is_shown() -> None:
    secret = record(body_print=b"p" * 16, member_print=b"m" * 16, phone_index=b"i" * 16, claim_hash=b"c" * 32)
    shown = show_sale(secret, balance=None, explanation=[])
    assert not any(isinstance(value, bytes) for value in shown.values())
    assert not {"body_print", "member_print", "phone_index", "claim_hash", "principal_id", "facts"} & shown.keys()


def test_a_claim_url_is_shown_only_where_there_is_one() -> None:
    unclaimed = record(member_id=None, points_earned=0)
    assert "claim_url" not in show_sale(unclaimed, balance=None, explanation=[])
    shown = show_sale(unclaimed, balance=None, explanation=[], claim_url="http://x/c/abc")
    assert (shown["claim_url"], shown["member_id"], shown["balance"]) == ("http://x/c/abc", None, None)

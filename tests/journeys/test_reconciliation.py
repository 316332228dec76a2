"""The bank's statement against payments: each line once, two candidates are listed, what comes back is booked back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from tests.factories.books import broken
from tests.factories.checksums import Watch
from tests.factories.clock import SHANGHAI, SetClock
from tests.factories.districts import District, Shop
from tests.factories.payments import act, draft, payment, receive, slip
from tests.factories.problems import check_problem
from tests.factories.settlement import month, publish_terms


@pytest.fixture
def street(timed: District, timed_app: Flask, clock: SetClock) -> Iterator[District]:
    """A district whose books must hold in the end."""
    clock.set(month(1))
    publish_terms(timed).ok(201)
    with timed_app.app_context():
        yield timed
        assert broken(timed.id) == {}


def take(district: District, clock: SetClock, *rows: str) -> Any:
    day = clock().astimezone(SHANGHAI).date().isoformat()
    lines = ["交易日期,交易金额,对方户名,摘要,交易流水号", *(f"{day},{row}" for row in rows)]
    return district.api.post("/v1/bank-statements", "\r\n".join(lines).encode("gb18030"), district.key).ok(200)


def left(district: District) -> Any:
    return district.api.get("/v1/reconciliation", district.key).ok(200)


def name_of(district: District, shop: Shop) -> str:
    return str(district.api.get(f"/v1/merchants/{shop.merchant_id}", district.key).ok(200)["name"])


def test_a_statement_books_what_it_shows_once_and_lists_the_rest(
    street: District, clock: SetClock, watch: Watch
) -> None:
    paid, known = (
        draft(street, street.shop, 41_000),
        receive(street, slip(90, reference="B2", at=clock())).ok(201)["id"],
    )
    rows = (f"410.00,{name_of(street, street.shop)},货款,B1", "0.90,商圈,补款,B2", "7.00,路人,,B3")
    first = take(street, clock, *rows)
    assert (first["booked"], first["found"], first["left"], first["known"]) == (1, 1, 1, 0)
    assert payment(street, paid)["attempts"][0]["reference"] == "B1"
    told = left(street)
    assert [(one["amount"], one["holder"], one["state"]) for one in told["lines"]] == [(700, "路人", "left")]
    assert (told["payments"], told["cash"]) == ([], 41_090)
    again = take(street, clock, *rows)
    assert (again["booked"], again["left"], again["known"]) == (0, 0, 3)
    assert payment(street, known)["paid_amount"] == 90
    before = watch.sums(street.id)
    check_problem(street.api.get("/v1/reconciliation", street.shop.key), 403, "forbidden")
    assert street.api.post("/v1/bank-statements", "甲\r\n1\r\n".encode(), street.key).pointers == {"/file"}
    assert watch.sums(street.id) == before


def test_a_line_that_matches_two_payments_is_listed_and_a_person_says_which(street: District, clock: SetClock) -> None:
    ids = []
    for shop in (street.shop, street.other_shop):
        street.api.patch(f"/v1/merchants/{shop.merchant_id}", {"name": "连锁餐饮"}, street.key).ok(200)
        ids.append(draft(street, shop, 500))
    assert take(street, clock, "5.00,连锁餐饮,,B5")["ambiguous"] == 1
    [line] = left(street)["lines"]
    assert (line["state"], sorted(line["payment_ids"])) == ("ambiguous", sorted(ids))
    act(street, ids[1], "confirm", slip(500, reference="B5", at=clock())).ok(200)
    assert [payment(street, one)["state"] for one in ids] == ["draft", "succeeded"]


def test_a_payout_that_the_bank_brings_back_is_booked_back(street: District, clock: SetClock) -> None:
    receive(street, slip(300, reference="B6", at=clock())).ok(201)
    out = draft(street, street.shop, 300, "out")
    act(street, out, "confirm", slip(300, reference="B7", at=clock())).ok(200)
    assert [one["payment_id"] for one in left(street)["payments"]][-1] == out
    for _ in range(2):
        told = take(street, clock, "3.00,湖滨支行,退汇 B7,B8")
    assert (told["known"], payment(street, out)["state"], left(street)["cash"]) == (1, "returned", 300)

"""Disputes, holds and corrections: what is held, what a correction brings both sides, and what never changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from tests.factories.api import Reply
from tests.factories.books import broken
from tests.factories.clock import DAY, SetClock
from tests.factories.disputes import (
    answer,
    decide,
    dispute,
    line_of,
    propose,
    statement_of,
)
from tests.factories.districts import District
from tests.factories.problems import check_problem
from tests.factories.refunds import give_back
from tests.factories.settlement import close, items, month, nets, periods, publish_terms
from tests.factories.settlement_accounts import another_key


@pytest.fixture
def street(timed: District, timed_app: Flask, clock: SetClock) -> Iterator[District]:
    """Two closed months: in the first A issues 600 points and B accepts 400 of them, in the second B's shopper gets 40 back.

    Its books hold in the end.
    """
    clock.set(month(1))
    publish_terms(timed).ok(201)
    member = timed.member()
    timed.report(member_id=member, amount=60_000).ok(201)
    spent = timed.report(member_id=member, amount=400, points_to_spend=400, store_id=timed.other_shop.store_id).ok(201)
    with timed_app.app_context():
        clock.set(month(2))
        close(timed, 1)
        give_back(timed, spent["id"], 40)
        clock.set(month(3))
        close(timed, 2)
        yield timed
        assert broken(timed.id) == {}


def test_an_accepted_dispute_is_corrected_in_the_open_period(street: District, clock: SetClock) -> None:
    """B's 36 come back in the third month, from the district; the statement disputed stays as it was."""
    b = street.other_shop.merchant_id
    before = statement_of(street, 2, b)
    back = line_of(before, "acceptance")
    [item] = items(street, before, back["line"])["data"]
    lines = [{"line": back["line"], "amount": 36, "item_ids": [item["source_id"]]}]
    opened = dispute(street, before, None, 0, lines=lines, text="这笔退款不是本店的").ok(201)
    assert (opened["status"], opened["amount"], opened["lines"]) == ("open", 36, lines)
    assert statement_of(street, 1, b)["held"] == 0
    shown = statement_of(street, 2, b)
    assert (shown["held"], shown["closing"], shown["payable"]) == (36, 324, 288)
    assert [(one["kind"], one["source_id"]) for one in shown["holds"]] == [("dispute", opened["id"])]
    accepted = answer(street, opened, "accept", amount=36).ok(200)
    assert (accepted["status"], accepted["accepted_amount"], accepted["answer"]) == ("accepted", 36, "核实属实")
    assert statement_of(street, 2, b) == before
    clock.set(month(4))
    close(street, 3)
    assert nets(street, 3) == {b: 36, street.id: -36}
    assert periods(street)[2]["pool"] == 0
    corrected = statement_of(street, 3, b)
    line = line_of(corrected, "correction")
    assert (line["amount"], line["price"], line["points"], line["items"]) == (36, None, 0, 1)
    [item] = items(street, corrected, line["line"], key=street.other_shop.key)["data"]
    assert (item["source_id"], item["amount"]) == (accepted["correction_id"], "36")
    told = street.api.get(f"/v1/corrections/{item['source_id']}", street.other_shop.key).ok(200)
    assert (told["amount"], told["status"], told["party"]["id"]) == (36, "approved", b)


def test_what_is_disputed_isn_t_asked_for(street: District, clock: SetClock) -> None:
    """A owes 600 and disputes 80: 520 are asked, of that month and of the next that carries it on, until it is answered."""
    a = street.shop.merchant_id
    owing = statement_of(street, 1, a)
    carried = statement_of(street, 2, a)
    assert (owing["closing"], owing["payable"], carried["opening"]) == (-600, 600, -600)
    opened = dispute(street, carried, None, 80, reason="missing").ok(201)
    assert [statement_of(street, number, a)["payable"] for number in (1, 2)] == [600, 520]
    clock.set(month(4))
    close(street, 3)
    third = statement_of(street, 3, a)
    assert (third["held"], third["payable"], third["holds"][0]["statement_id"]) == (80, 520, carried["id"])
    assert answer(street, opened, "reject").ok(200)["status"] == "rejected"
    assert [statement_of(street, number, a)["payable"] for number in (2, 3)] == [600, 600]
    assert nets(street, 3) == {}


def test_less_than_disputed_may_be_granted(street: District, clock: SetClock) -> None:
    """20 of 36; what isn't granted is neither held nor corrected."""
    b = street.other_shop.merchant_id
    statement = statement_of(street, 2, b)
    opened = dispute(street, statement, 1, 36).ok(201)
    assert answer(street, opened, "accept", amount=20).ok(200)["accepted_amount"] == 20
    assert statement_of(street, 2, b)["held"] == 0
    clock.set(month(4))
    close(street, 3)
    assert nets(street, 3) == {b: 20, street.id: -20}


def test_both_sides_talk_until_it_ends(street: District) -> None:
    """A dispute is a conversation; its list is each side's, and it ends with an answer or because its party lets it go."""
    b = street.other_shop
    opened = dispute(street, statement_of(street, 2, b.merchant_id), 1, 36, text="不是本店的").ok(201)
    answer(street, opened, "messages", text="请出示小票").ok(201)
    said = answer(street, opened, "messages", key=b.key, text="小票\n见附").ok(201)
    told = [(one["side"], one["text"]) for one in said["messages"]]
    assert told == [("alliance", "请出示小票"), ("merchant", "小票\n见附")]
    for key in (b.key, street.key):
        listed = street.api.get(f"/v1/disputes?status=open&statement_id={opened['statement_id']}", key).ok(200)
        assert listed["data"] == [said]
        assert street.api.get(f"/v1/disputes/{opened['id']}", key).ok(200) == said
    ended = answer(street, opened, "withdraw", key=b.key).ok(200)
    assert (ended["status"], ended["answer"], ended["correction_id"]) == ("withdrawn", None, None)
    again = dispute(street, statement_of(street, 2, b.merchant_id), 1, 30).ok(201)
    assert answer(street, again, "reject", reason="与流水一致").ok(200)["answer"] == "与流水一致"


def test_silence_doesn_t_approve_what_is_disputed(street: District, clock: SetClock) -> None:
    """While it waits for an answer; afterwards silence has."""
    b = street.other_shop
    opened = dispute(street, statement_of(street, 2, b.merchant_id), 1, 36).ok(201)
    clock.set(month(3, 28))
    [disputed, silent] = (statement_of(street, number, b.merchant_id) for number in (2, 1))
    assert ((disputed["status"], disputed["tacit"]), silent["tacit"]) == (("issued", False), True)
    answer(street, opened, "reject").ok(200)
    assert statement_of(street, 2, b.merchant_id)["tacit"] is True


def test_a_correction_takes_two_people(street: District, clock: SetClock) -> None:
    """Proposed by one, approved by another, once; the pool has no part in it."""
    a, other = street.shop.merchant_id, another_key(street)
    proposed = propose(street, a, -50).ok(201)
    assert (proposed["status"], proposed["decided_at"]) == ("proposed", None)
    assert street.api.get("/v1/corrections", street.shop.key).ok(200)["data"] == []
    approved = decide(street, proposed, "approve", key=other).ok(200)
    assert decide(street, proposed, "approve", key=street.key).ok(200) == approved
    assert street.api.get("/v1/corrections?status=approved", street.shop.key).ok(200)["data"] == [approved]
    assert periods(street)[2]["pool"] == 0
    clock.set(month(4))
    close(street, 3)
    assert nets(street, 3) == {a: -50, street.id: 50}


def test_the_alliance_holds_and_releases(street: District) -> None:
    """With a reason that the merchant reads; what is disputed stays held."""
    a = street.shop
    statement = statement_of(street, 2, a.merchant_id)
    dispute(street, statement, None, 80, reason="missing").ok(201)
    path = f"/v1/statements/{statement['id']}"
    street.api.post(f"{path}/hold", {"amount": 200, "reason": "待核实"}, street.key).ok(200)
    held = street.api.post(f"{path}/hold", {"amount": 20, "reason": "待财政拨款"}, street.key).ok(200)
    assert (held["held"], held["payable"]) == (300, 300)
    shown = street.api.get(path, a.key).ok(200)
    assert [(one["kind"], one["amount"], one["reason"]) for one in shown["holds"]] == [
        ("dispute", 80, "missing"),
        ("alliance", 200, "待核实"),
        ("alliance", 20, "待财政拨款"),
    ]
    for _ in range(2):
        assert street.api.post(f"{path}/release", {}, street.key).ok(200)["held"] == 80
    told: list[Any] = street.api.get("/v1/events?type=statement.held", street.key).ok(200)["data"]
    assert [one["data"]["amount"] for one in told] == [0, 220, 200]


def test_invoices_are_noted_by_both_sides(street: District) -> None:
    """What B is paid, it invoices; what A is charged, the alliance does: each number once, for a party and direction."""
    a, b = street.shop, street.other_shop
    owed, owing = (statement_of(street, 1, one.merchant_id) for one in (b, a))

    def note(statement: Any, key: str, direction: str, amount: int, number: str = "2631", on: str = "") -> Reply:
        body = {"number": number, "direction": direction, "amount": amount, "issued_on": on or DAY.isoformat()}
        return street.api.post(f"/v1/statements/{statement['id']}/invoices", body, key)

    noted = note(owed, b.key, "to_invoice", 360).ok(201)
    assert (noted["number"], noted["side"]) == ("2631", "merchant")
    note(owing, street.key, "to_be_invoiced", 500).ok(201)
    note(owing, a.key, "to_be_invoiced", 100, "2632").ok(201)
    shown, charged = (statement_of(street, 1, one.merchant_id) for one in (b, a))
    assert (shown["to_invoice"], shown["invoiced"], shown["invoices"]) == (360, 360, [noted])
    assert (charged["to_be_invoiced"], charged["been_invoiced"]) == (600, 600)
    for key in (b.key, street.key):
        check_problem(note(statement_of(street, 2, b.merchant_id), key, "to_invoice", 1), 409, "invoice-known")
    check_problem(note(owed, a.key, "to_invoice", 1, "2633"), 404, "not-found")
    assert note(owed, b.key, "to_invoice", 0, "2633").pointers == {"/amount"}
    assert note(owed, b.key, "to_invoice", 1, "2633", "2999-01-01").pointers == {"/issued_on"}
    note(owed, b.key, "to_invoice", -360, "2634").ok(201)
    assert statement_of(street, 1, b.merchant_id)["invoiced"] == 0

"""Credit limits: told once at 80 percent, and beyond it; a shop that owes too much gives no points, and sells on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.settlement.accounts.credit import look
from tests.factories.books import broken
from tests.factories.clock import SetClock
from tests.factories.districts import District
from tests.factories.refunds import give_back
from tests.factories.settlement import close, month, publish_terms
from tests.factories.settlement_accounts import account_of, change_account, deposit


@pytest.fixture(autouse=True)
def _balanced(timed: District, timed_app: Flask, clock: SetClock) -> Iterator[None]:
    clock.set(month(1))
    publish_terms(timed).ok(201)
    with timed_app.app_context():
        yield
        assert broken(timed.id) == {}


def sell(district: District, amount: int, member: str) -> Any:
    return district.report(amount=amount, member_id=member).ok(201)


def told(district: District) -> list[tuple[str, int]]:
    listed = district.api.get("/v1/events?limit=100", district.key).ok(200)["data"]
    return [(one["type"], one["data"]["exposure"]) for one in reversed(listed) if one["type"].startswith("credit.")]


def test_a_limit_is_told_once_and_beyond_it_awards_pause(timed: District, clock: SetClock) -> None:
    """The balance, what isn't settled (of whatever month) and the deposit count; what was sold in the pause earns nothing, also refunded."""
    shop, member = timed.shop, timed.member()
    change_account(timed, shop, credit_limit=700, beyond_limit="pause_awards").ok(200)
    first = sell(timed, 55_900, member)
    assert (look(timed.id), told(timed)) == (0, [])
    sell(timed, 100, member)
    assert [look(timed.id), look(timed.id)] == [1, 0]
    assert told(timed) == [("credit.nearly_used", 560)]
    clock.set(month(2))
    close(timed, 1)
    sell(timed, 12_000, member)
    assert look(timed.id) == 0
    clock.set(month(3))
    sell(timed, 3_000, member)
    assert [look(timed.id), look(timed.id)] == [1, 0]
    assert account_of(timed, shop)["awards_paused"] is True
    clock.set(month(3, 10, "12:30"))
    paused = sell(timed, 10_000, member)
    [line] = paused["explanation"]
    assert (paused["points_earned"], line["outcome"], line["code"]) == (0, "skipped", "awards-paused")
    elsewhere = timed.report(amount=10_000, member_id=member, store_id=timed.other_shop.store_id).ok(201)
    assert elsewhere["points_earned"] == 100
    assert (
        timed.api.post("/v1/transactions/quote", timed.sale(member_id=member), timed.key).ok(200)["points_earned"] == 0
    )
    deposit(timed, shop, 500).ok(201)
    assert (account_of(timed, shop)["exposure"], look(timed.id)) == (210, 1)
    assert told(timed)[1:] == [("credit.exceeded", 710), ("credit.restored", 210)]
    clock.set(month(3, 10, "13:00"))
    assert sell(timed, 10_000, member)["points_earned"] == 100
    assert give_back(timed, paused["id"], 5_000)["points_reversed"] == 0
    give_back(timed, first["id"], 55_900)
    assert account_of(timed, shop)["exposure"] == 710 + 100 - 500 - 559


def test_a_limit_that_only_warns_pauses_nothing(timed: District) -> None:
    """And one that is lowered, lifted, or warned of instead, counts at once."""
    shop, member = timed.shop, timed.member()
    change_account(timed, shop, credit_limit=10).ok(200)
    sell(timed, 10_000, member)
    look(timed.id)
    assert (told(timed), account_of(timed, shop)["awards_paused"]) == ([("credit.exceeded", 100)], False)
    assert change_account(timed, shop, beyond_limit="pause_awards").ok(200)["awards_paused"] is True
    assert change_account(timed, shop, credit_limit=None).ok(200)["credit_state"] == "within"
    assert sell(timed, 10_000, member)["points_earned"] == 100

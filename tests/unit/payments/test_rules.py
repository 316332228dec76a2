"""A payment goes forwards only: the whole table of what may be told of it, and what may be done with it."""

from __future__ import annotations

from itertools import permutations

import pytest

from app.payments.port import OUTCOMES, PaymentOutcomeState
from app.payments.rules import BY_FILE, BY_HAND, STATES, after, clearing_of, may, net_cash, next_try

TABLE = {
    #            accepted     succeeded    failed       unknown
    "draft": ("draft", "succeeded", "draft", "draft"),
    "sent": ("sent", "succeeded", "failed", "unknown"),
    "unknown": ("sent", "succeeded", "failed", "unknown"),
    "failed": ("failed", "succeeded", "failed", "failed"),
    "succeeded": ("succeeded", "succeeded", "succeeded", "succeeded"),
    "returned": ("returned", "returned", "returned", "returned"),
    "cancelled": ("cancelled", "succeeded", "cancelled", "cancelled"),
}


@pytest.mark.parametrize("state", STATES)
def test_what_is_told_leads_forwards(state: str) -> None:
    assert tuple(after(state, told) for told in OUTCOMES) == TABLE[state]


def test_the_order_in_which_things_are_told_never_matters_once_money_has_moved() -> None:
    told: tuple[PaymentOutcomeState, ...] = ("accepted", "succeeded", "unknown", "succeeded")
    for order in permutations(told):
        state = "sent"
        for one in order:
            state = after(state, one)
        assert state == "succeeded"


@pytest.mark.parametrize(
    ("verb", "wanted"),
    [
        ("send", {"draft", "failed"}),
        ("confirm", {"draft", "sent", "unknown", "failed"}),
        ("retry", {"failed", "returned"}),
        ("cancel", {"draft", "failed"}),
        ("return", {"succeeded"}),
    ],
)
def test_what_may_be_done_in_each_state(verb: str, wanted: set[str]) -> None:
    assert {state for state in STATES if may(verb, state)} == wanted


def test_soft_failures_are_tried_again_after_3_5_and_7_days_and_hard_ones_never() -> None:
    waits = [next_try(retries, final=False, provider="stripe") for retries in range(4)]
    assert [wait and wait.days for wait in waits] == [3, 5, 7, None]
    assert next_try(0, final=True, provider="stripe") is None
    assert [next_try(0, final=False, provider=one) for one in (BY_HAND, BY_FILE)] == [None, None]


def test_what_goes_by_hand_or_by_file_stands_at_the_bank() -> None:
    assert [clearing_of(one) for one in (BY_HAND, BY_FILE, "stripe")] == [
        "clearing:bank",
        "clearing:bank",
        "clearing:stripe",
    ]


def test_cash_is_what_came_in_and_isn_t_spoken_for() -> None:
    assert net_cash(1_376, 270, 0) == 1_106
    assert net_cash(1_376, 270, 734) == 372
    assert net_cash(100, 0, 500) == 0, "a deposit that is kept is more than there is: nothing is free"

"""What becomes of a payment and its attempts, as pure functions: forwards only, whatever is told in whatever order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

from app.payments.port import PaymentOutcomeState

Direction = Literal["in", "out"]
DIRECTIONS: tuple[Direction, ...] = ("in", "out")
PaymentState = Literal["draft", "sent", "unknown", "failed", "succeeded", "returned", "cancelled"]
STATES: tuple[PaymentState, ...] = ("draft", "sent", "unknown", "failed", "succeeded", "returned", "cancelled")
LIVE: tuple[PaymentState, ...] = ("draft", "sent", "unknown")
"""Those in which money may yet move; and so may that of one that failed and is to be tried again."""
UNDER_WAY: tuple[PaymentState, ...] = ("sent", "unknown")
BY_HAND, BY_FILE = "manual", "bank_file"
"""Providers that no program calls: a person tells what became of an order, or the bank's file does."""
LOOK_AFTER: Mapping[PaymentOutcomeState, timedelta] = {"unknown": timedelta(minutes=15), "accepted": timedelta(hours=6)}
"""How long after an answer an attempt is looked up: also of one that is under way, in case its event is lost."""
LOST_AFTER = timedelta(minutes=2)
"""No call takes so long: whoever made it has died, or its answer is lost."""
RETRY_DAYS = (3, 5, 7)
"""How long after a failure that may pass a payment is tried again: the first time, the second, the third."""

_TOLD: Mapping[str, Mapping[PaymentOutcomeState, PaymentState]] = {
    "draft": {"succeeded": "succeeded"},
    "sent": {"succeeded": "succeeded", "failed": "failed", "unknown": "unknown"},
    "unknown": {"succeeded": "succeeded", "failed": "failed", "accepted": "sent"},
    "failed": {"succeeded": "succeeded"},
    "cancelled": {"succeeded": "succeeded"},
}
_MAY: Mapping[str, tuple[PaymentState, ...]] = {
    "send": ("draft", "failed"),
    "confirm": ("draft", "sent", "unknown", "failed"),
    "retry": ("failed", "returned"),
    "cancel": ("draft", "failed"),
    "return": ("succeeded",),
}


def may(verb: str, state: str) -> bool:
    """Whether a payment, or an attempt, in a state may be sent, confirmed, retried, cancelled, returned."""
    return state in _MAY[verb]


def after(state: str, told: PaymentOutcomeState) -> str:
    """The state once an outcome is told. Money that has moved counts whatever was believed; nothing else undoes what is known."""
    return _TOLD.get(state, {}).get(told, state)


def next_try(retries: int, *, final: bool, provider: str) -> timedelta | None:
    """How long after a failure a payment is tried again by itself; None for hard ones, after three tries, and where a person does it.

    `retries`: how many tries of its own it has had. Those that a person asks for use none up.
    """
    if final or provider in (BY_HAND, BY_FILE) or retries >= len(RETRY_DAYS):
        return None
    return timedelta(days=RETRY_DAYS[retries])


def clearing_of(provider: str) -> str:
    """Which kind of account of the district's holds what a provider moves: its own, or the bank's."""
    return "clearing:bank" if provider in (BY_HAND, BY_FILE) else f"clearing:{provider}"


def net_cash(collected: int, paid_out: int, under_way: int) -> int:
    """What may be paid out: money that has come in and hasn't left, nor is about to. Never less than nothing."""
    return max(0, collected - paid_out - under_way)

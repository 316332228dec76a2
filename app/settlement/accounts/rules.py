"""Who may be paid, what of a bank account is shown, and how much credit is used, as pure functions. Amounts in minor units."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

Provider = Literal["manual", "bank_file", "stripe"]
PROVIDERS: tuple[Provider, ...] = ("manual", "bank_file", "stripe")
BEYOND_LIMIT = ("warn", "pause_awards")
MOVES = ("received", "returned")
"""What is said of a deposit by hand."""
DEPOSIT_MOVES = (*MOVES, "set_off")
WAIT = timedelta(hours=48)
"""So long payouts wait after bank details were changed: who didn't mean it has time to say so."""
_SHOWN = 4
CreditState = Literal["within", "near", "beyond"]
CREDIT_STATES: tuple[CreditState, ...] = ("within", "near", "beyond")
NEAR_PERCENT = 80
ExitStage = Literal["announced", "accepting", "refunding", "closing", "settling", "ended"]
EXIT_STAGES: tuple[ExitStage, ...] = ("announced", "accepting", "refunding", "closing", "settling", "ended")
"""It gives and takes points; takes them only; has refunds only; waits for its final statement; pays; is gone."""


def masked(number: str) -> str:
    """An account number of which no more than its end is told, and never more than half."""
    shown = min(_SHOWN, len(number) // 2)
    return "*" * (len(number) - shown) + number[len(number) - shown :]


def pays_out_from(changed_at: datetime | None, approved_at: datetime | None) -> datetime | None:
    """From when payouts go to bank details; None while a second person hasn't approved them, or there are none."""
    return None if changed_at is None or approved_at is None else max(changed_at + WAIT, approved_at)


def deposit_after(deposit: int, kind: str, amount: int) -> int:
    """What a deposit comes to after a movement."""
    return deposit + (amount if kind == "received" else -amount)


def exit_stage(
    now: datetime, ends: tuple[datetime, datetime, datetime], *, is_final: bool, has_ended: bool
) -> ExitStage:
    """How far a merchant that leaves has come. `ends`: of awards, of accepting, of refunds."""
    if has_ended:
        return "ended"
    if is_final:
        return "settling"
    passed = sum(end <= now for end in ends)
    return EXIT_STAGES[passed]


def exposure(closing: int, unsettled: int, deposit: int) -> int:
    """What the district would lose by a merchant that pays no more: what it owes beyond its deposit; below 0 nothing.

    `closing`: its balance; `unsettled`: what periods that aren't closed bring it.
    """
    return -(closing + unsettled) - deposit


def credit_state(exposed: int, limit: int | None) -> CreditState:
    """How much of a limit is used; of none nothing is."""
    if limit is None or exposed * 100 < limit * NEAR_PERCENT:
        return "within"
    return "beyond" if exposed > limit else "near"

"""What a code or token says of a sale: whose, whether it earns, whether it spends; and one use that all of a set see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import new_id
from app.members.codes import queries as code_queries
from app.members.codes.guessing import Guesses
from app.members.codes.presence_tokens import LASTS, Presence, make_token
from app.members.codes.queries import Holder
from app.members.codes.rules import CodeKey, make_code, step_at
from app.transactions.codes.shown_codes import PresentedCode, Shown, read_shown

NOW = datetime(2026, 5, 1, 4, 0, 20, tzinfo=UTC)
NUMBER, SECRET = "0000012345", b"s" * 40
DISTRICT, MEMBER, STORE = new_id("dis"), new_id("mem"), new_id("str")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
Reads = Callable[..., list[PresentedCode]]


class Till:
    """Wrong codes that were noted; `stopped` looks at none."""

    def __init__(self, *, stopped: Exception | None = None) -> None:
        self.noted: list[Any] = []
        self.stopped = stopped

    def refusal(self, number: str, guess: object) -> Exception | None:
        return self.stopped

    def wrong(self, number: str, guess: object) -> None:
        self.noted.append((number, guess))


@pytest.fixture
def till() -> Till:
    return Till()


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch, context: None) -> Iterator[Reads]:
    """Reads what is shown to one who knows one member, whose codes of some minutes have been used."""
    uow = cast(UnitOfWork, SimpleNamespace(district_id=DISTRICT, now=NOW))

    def read_all(*shown: Shown, used: frozenset[int] = frozenset()) -> list[PresentedCode]:
        holders = {NUMBER: Holder(MEMBER, None, None, [CodeKey(SECRET)], set(used))}
        monkeypatch.setattr(code_queries, "ask_holders", lambda *_: lambda: holders)
        return read_shown(uow, shown)

    yield read_all


def code(till: Till, made_at: datetime, occurred_at: datetime | None = None, number: str = NUMBER) -> Shown:
    return Shown(make_code(number, SECRET, made_at), None, STORE, occurred_at, cast(Guesses, till))


def token(ends: datetime, occurred_at: datetime | None = None, store: str = STORE, district: str = DISTRICT) -> Shown:
    return Shown(None, make_token(district, Presence(MEMBER, store, ends)), STORE, occurred_at, None)


def verdict(presented: PresentedCode) -> tuple[bool, int | None, int | None]:
    """Whether it leads to the member, and the statuses with which earning and spending are refused."""
    earning, spending = presented.refusal, presented.spend_refusal
    return presented.member_id == MEMBER, earning and earning.status, spending and spending.status


@pytest.mark.parametrize(
    ("made", "occurred", "wanted"),
    [
        (NOW, None, (True, None, None)),
        (NOW - MINUTE, None, (True, None, None)),
        (NOW + MINUTE, None, (True, None, None)),
        (NOW - 2 * MINUTE, None, (True, 410, 410)),
        (NOW + 2 * MINUTE, None, (False, 404, 404)),
        (NOW, NOW - 10 * MINUTE, (True, None, None)),
        (NOW, NOW + 10 * MINUTE, (True, None, None)),
        (NOW, NOW - 11 * MINUTE, (True, 410, 410)),
        (NOW - HOUR, NOW - HOUR, (True, None, 410)),
        (NOW - HOUR, NOW - HOUR + 2 * MINUTE, (True, 410, 410)),
        (NOW - 400 * HOUR, NOW - 400 * HOUR, (True, None, 410)),
        (NOW - 400 * HOUR, NOW - 399 * HOUR, (True, 410, 410)),
        (NOW - 400 * HOUR, NOW - 398 * HOUR, (False, 404, 404)),
        (NOW - 400 * HOUR, None, (False, 404, 404)),
    ],
)
def test_earning_looks_at_then_and_spending_at_now(
    reads: Reads, till: Till, made: datetime, occurred: datetime | None, wanted: tuple[bool, int | None, int | None]
) -> None:
    [presented] = reads(code(till, made, occurred))
    assert verdict(presented) == wanted
    assert bool(till.noted) == (wanted[1] == 404)


def test_a_used_code_earns_and_spends_nothing(reads: Reads, till: Till) -> None:
    [presented] = reads(code(till, NOW), used=frozenset({step_at(NOW)}))
    assert verdict(presented) == (True, None, 409)


def test_a_use_is_seen_by_all_who_carry_the_code(reads: Reads, till: Till) -> None:
    first, second, next_one = reads(code(till, NOW), code(till, NOW), code(till, NOW + MINUTE))
    assert first.minute is second.minute
    assert first.minute is not None
    first.minute.is_used = True
    assert [verdict(one)[2] for one in (first, second, next_one)] == [409, 409, None]


def test_a_wrong_number_or_form_leads_to_nobody(reads: Reads, till: Till) -> None:
    stranger, malformed = reads(
        code(till, NOW, number="9999999999"), Shown("88", None, STORE, None, cast(Guesses, till))
    )
    assert verdict(stranger) == verdict(malformed) == (False, 404, 404)
    assert [number for number, _ in till.noted] == ["9999999999"], "what has no number is no guess"


def test_another_moment_is_another_guess(reads: Reads, till: Till) -> None:
    wrong = NOW - 400 * HOUR
    reads(code(till, wrong), code(till, wrong), code(till, wrong, NOW - HOUR))
    assert len(set(till.noted)) == 2


def test_a_till_that_was_stopped_is_told_so(reads: Reads) -> None:
    limit = RuntimeError("stopped")
    [presented] = reads(code(Till(stopped=limit), NOW))
    assert (presented.member_id, presented.refusal) == (None, limit)


def test_a_token_earns_as_of_then_and_spends_while_it_is_good_at_its_store(reads: Reads) -> None:
    wanted = [
        (token(NOW + LASTS), (True, None, None)),
        (token(NOW + MINUTE), (True, None, None)),
        (token(NOW), (True, 410, 410)),
        (token(NOW - HOUR, NOW - HOUR - MINUTE), (True, None, 410)),
        (token(NOW + LASTS, NOW - HOUR), (True, 410, 410)),
        (token(NOW + MINUTE, NOW + 5 * MINUTE), (True, None, None)),
        (token(NOW + LASTS, store=new_id("str")), (False, 404, 404)),
        (token(NOW + LASTS, district=new_id("dis")), (False, 404, 404)),
        (Shown(None, "pt_", STORE, None, None), (False, 404, 404)),
    ]
    presented = reads(*(shown for shown, _ in wanted))
    assert [verdict(one) for one in presented] == [one for _, one in wanted]

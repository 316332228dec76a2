"""Whoever gets hold of a token, or of a request that was answered with one, doesn't become its member for long."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from flask import Flask

from app.districts.tasks import forget_secret_answers
from app.foundation.database.unit_of_work import UnitOfWork
from tests.factories.api import Reply
from tests.factories.clock import SetClock
from tests.factories.districts import District, new_phone
from tests.factories.problems import check_problem
from tests.factories.shoppers import MEMBERSHIP, ask, prove, sign_in


@pytest.fixture(autouse=True)
def _context(timed_app: Flask) -> Any:
    with timed_app.app_context():
        yield


def refresh(district: District, token: str, key: str | None = None) -> Reply:
    return district.api.post("/v1/auth/refresh", {"refresh_token": token}, None, key)


def test_a_refresh_is_replayed_for_a_minute(timed: District, clock: SetClock) -> None:
    """A lost answer comes again; afterwards the token is one that was used, and using it again ends the session."""
    tokens = sign_in(timed)
    first = refresh(timed, tokens["refresh_token"], "k").ok(200)
    clock.move(timedelta(seconds=59))
    assert refresh(timed, tokens["refresh_token"], "k").ok(200) == first
    clock.move(timedelta(seconds=1))
    check_problem(refresh(timed, tokens["refresh_token"], "k"), 401, "session-over")
    check_problem(refresh(timed, first["refresh_token"]), 401, "session-over")


def test_so_is_a_sign_in(timed: District, clock: SetClock) -> None:
    """A minute later the code is one that was used: nothing comes again, and the session goes on."""
    challenge = ask(timed, new_phone())
    first = prove(timed, challenge, consents=[MEMBERSHIP], idempotency_key="k").ok(200)
    assert prove(timed, challenge, consents=[MEMBERSHIP], idempotency_key="k").ok(200) == first
    clock.move(timedelta(seconds=60))
    check_problem(prove(timed, challenge, consents=[MEMBERSHIP], idempotency_key="k"), 422, "invalid-code")
    refresh(timed, first["refresh_token"]).ok(200)


def test_nothing_is_replayed_of_a_session_that_has_ended(timed: District) -> None:
    """Signed out, the tokens can't be asked for again even within the minute."""
    tokens = sign_in(timed)
    newer = refresh(timed, tokens["refresh_token"], "k").ok(200)
    timed.api.post("/v1/auth/revoke", {"refresh_token": newer["refresh_token"]}, None).ok(200)
    check_problem(refresh(timed, tokens["refresh_token"], "k"), 401, "session-over")


def test_the_sealed_tokens_are_forgotten(timed: District, clock: SetClock, superuser: psycopg.Connection) -> None:
    """What nobody can ask for any more isn't kept for a day."""
    tokens = sign_in(timed)
    refresh(timed, tokens["refresh_token"], "k").ok(200)

    def kept() -> int:
        query = "SELECT count(*) FROM idempotency_keys WHERE district_id = %s AND key = 'k'"
        return int(superuser.execute(query, (timed.id[-32:],)).fetchall()[0][0])

    forget_secret_answers()
    assert kept() == 1
    clock.move(timedelta(seconds=60))
    forget_secret_answers()
    assert kept() == 0


def test_a_key_that_is_forgotten_at_this_moment_is_taken_anew(
    timed: District, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job that forgets may come between two statements of a call."""
    tokens = sign_in(timed)
    refresh(timed, tokens["refresh_token"], "k").ok(200)
    clock.move(timedelta(seconds=60))
    ask_database = UnitOfWork.rows
    forgotten: list[int] = []

    def rows(uow: UnitOfWork, query: str, *parameters: Any) -> Any:
        if query.startswith("SELECT fingerprint") and not forgotten:
            forgotten.append(0)
            forgotten.append(forget_secret_answers())
        return ask_database(uow, query, *parameters)

    monkeypatch.setattr(UnitOfWork, "rows", rows)
    check_problem(refresh(timed, tokens["refresh_token"], "k"), 401, "session-over")
    assert forgotten[1:] == [1]

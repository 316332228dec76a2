"""A period is closed once, by whomever and however often one of them dies, and takes each journal once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, timedelta
from threading import Thread

import psycopg
import pytest
from flask import Flask

from app.config import Settings
from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.tenancy import system_principal
from app.points import adjusting
from app.settlement import closing
from app.settlement.tasks import close_period
from tests.factories.books import broken
from tests.factories.clock import SetClock
from tests.factories.districts import District
from tests.factories.settlement import ask_close, close, month, nets, periods, publish_terms
from tests.factories.stopped import stopped


@pytest.fixture
def settled(timed: District, timed_app: Flask, clock: SetClock) -> Iterator[District]:
    """A district with terms and twenty sales in its first period, which is over; its books must hold in the end."""
    clock.set(month(1))
    publish_terms(timed).ok(201)
    members = [timed.member() for _ in range(4)]
    for number in range(20):
        timed.report(member_id=members[number % 4], amount=1_000).ok(201)
    clock.set(month(2))
    with timed_app.app_context():
        yield timed
        assert broken(timed.id) == {}


def taken(superuser: psycopg.Connection, district: District) -> int | None:
    query = "SELECT count(*) FROM settled_journals WHERE district_id = %s"
    row = superuser.execute(query, (district.id[-32:],)).fetchone()
    return None if row is None else int(row[0])


def test_who_is_killed_within_a_set_is_followed_by_two_at_once(
    settled: District,
    timed_app: Flask,
    clock: SetClock,
    settings: Settings,
    superuser: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    period_id = ask_close(settled, 1).ok(202)["id"]
    with stopped(settings, "closing_process", settled.id, period_id, clock().isoformat()):
        pass
    assert taken(superuser, settled) == 6, "the third set isn't there"
    monkeypatch.setattr(closing, "JOURNALS_A_SET", 3)
    done: list[bool] = []

    def run() -> None:
        with timed_app.app_context():
            done.append(close_period(settled.id, period_id))

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [False, True]
    assert nets(settled, 1) == {settled.shop.merchant_id: -200}
    assert ask_close(settled, 1).ok(202)["status"] == "closed"
    assert close_period(settled.id, period_id) is False


def test_what_commits_late_is_of_the_next_period_at_its_own_price(settled: District, clock: SetClock) -> None:
    """Recorded before the end, committed after the close: it isn't lost, and costs what it cost then."""
    member, late = settled.member(), (month(2, 1, "00:00") - timedelta(hours=3)).astimezone(UTC)
    with unit_of_work(system_principal(settled.id), clock=lambda: late) as uow:
        adjusting.adjust(uow, member, points=50, reason="late")
        uow.session.flush()
        closed = close(settled, 1)
        assert (closed["pool"], nets(settled, 1)) == (200, {settled.shop.merchant_id: -200})
        prices = {"issue_price": "2", "redemption_price": "2"}
        publish_terms(settled, effective_from=month(3, 1).date().isoformat(), **prices).ok(201)
    clock.set(month(3))
    close(settled, 2)
    assert nets(settled, 2) == {settled.id: -50}
    assert periods(settled)[1]["pool"] == 50

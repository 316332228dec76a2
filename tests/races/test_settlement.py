"""A period is closed once, by whomever and however often one of them dies, and takes each journal once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
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
from tests.factories.api import Reply
from tests.factories.books import broken
from tests.factories.clock import SetClock
from tests.factories.disputes import answer, decide, dispute, propose, statement_of
from tests.factories.districts import District
from tests.factories.settlement import ask_close, close, month, nets, periods, publish_terms
from tests.factories.settlement_accounts import another_key
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


def at_once(*calls: Callable[[], Reply]) -> list[int]:
    """The statuses of calls that are made at the same moment."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return sorted(reply.status for reply in pool.map(lambda call: call(), calls))


def test_a_dispute_and_an_approval_at_once(settled: District) -> None:
    """Whoever comes first: an approval that is first leaves nothing to dispute, a dispute that is first stays open."""
    close(settled, 1)
    shop = settled.shop
    statement = statement_of(settled, 1, shop.merchant_id)
    path = f"/v1/statements/{statement['id']}/approve"
    statuses = at_once(lambda: settled.api.post(path, {}, shop.key), lambda: dispute(settled, statement, 1, 80))
    assert statuses in ([200, 201], [200, 409])
    after = statement_of(settled, 1, shop.merchant_id)
    assert (after["status"], after["held"]) == ("approved", 80 if 201 in statuses else 0)


def test_what_is_disputed_accepted_and_approved_by_many_at_once_is_so_once(settled: District, clock: SetClock) -> None:
    """One dispute of a line, one correction of it, one posting of a correction that two approve."""
    close(settled, 1)
    shop, other = settled.shop.merchant_id, another_key(settled)
    statement = statement_of(settled, 1, shop)
    assert at_once(*[lambda: dispute(settled, statement, 1, 80)] * 4) == [201, 422, 422, 422]
    [opened] = settled.api.get("/v1/disputes", settled.key).ok(200)["data"]
    accepting = [lambda key=key: answer(settled, opened, "accept", amount=80, key=key) for key in (settled.key, other)]
    assert at_once(*accepting, *accepting) == [200, 409, 409, 409]
    proposed = propose(settled, shop, -50).ok(201)
    approving = [lambda: decide(settled, proposed, "approve", key=other)] * 3
    assert at_once(*approving) == [200, 200, 200]
    clock.set(month(3))
    close(settled, 2)
    assert nets(settled, 2) == {shop: 30, settled.id: -30}

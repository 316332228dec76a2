"""Whoever works on an import is killed with -9 in the middle: it is taken up, and each row is recorded once."""

from __future__ import annotations

import threading
from datetime import timedelta

import psycopg
import pytest
from flask import Flask

from app.config import Settings
from app.foundation.jobs.queue import Job
from app.imports import tasks, working
from tests.factories.districts import District
from tests.factories.imports import act, imported, read, sales_of, send
from tests.factories.stopped import stopped

ROWS = 20


def taken_up(app: Flask, district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    """What looks for dead imports finds one; two workers take it at once, and one more comes late."""
    jobs: list[Job] = []
    monkeypatch.setattr("app.foundation.jobs.queue.put_jobs", jobs.extend)
    monkeypatch.setattr(tasks, "DEAD_AFTER", timedelta(0))
    monkeypatch.setattr(working, "DEAD_AFTER", timedelta(0))
    with app.app_context():
        assert tasks._ask_in_district(district.id) == 1
    [(_, arguments, _)] = jobs

    def run() -> None:
        with app.app_context():
            tasks.work_on(*arguments)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run()


def recorded(superuser: psycopg.Connection, district: District) -> tuple[int, int, int]:
    """Sales, how many references these have, and how many of them are refunded."""
    query = "SELECT count(*), count(DISTINCT reference), count(*) FILTER (WHERE refunded_amount > 0) FROM transactions WHERE district_id = %s"
    row = superuser.execute(query, (district.id[-32:],)).fetchone()
    assert row is not None
    return row


@pytest.mark.parametrize(("step", "before"), [("reading", 0), ("recording", 8)])
def test_who_is_killed_while_it_reads_or_records_is_followed_and_each_row_is_recorded_once(
    street: District,
    app: Flask,
    settings: Settings,
    superuser: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    before: int,
) -> None:
    made = send(street, sales_of(street, [f"A{n}" for n in range(ROWS)])).ok(202)
    with stopped(settings, "importing_process", step, street.id, made["id"]):
        pass
    assert recorded(superuser, street) == (before, before, 0)
    taken_up(app, street, monkeypatch)
    whole = read(street, made["id"])
    assert (whole["status"], whole["recorded"], whole["known"], whole["refused"]) == ("done", ROWS, 0, 0)
    assert recorded(superuser, street) == (ROWS, ROWS, 0)


def test_who_is_killed_while_it_takes_back_is_followed_and_each_sale_is_refunded_once(
    street: District, app: Flask, settings: Settings, superuser: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = imported(street, sales_of(street, [f"A{n}" for n in range(ROWS)]))
    act(street, whole["id"], "undo").ok(202)
    with stopped(settings, "importing_process", "undoing", street.id, whole["id"]):
        pass
    assert recorded(superuser, street) == (ROWS, ROWS, 8)
    taken_up(app, street, monkeypatch)
    assert (read(street, whole["id"])["undone"], read(street, whole["id"])["status"]) == (ROWS, "undone")
    assert recorded(superuser, street) == (ROWS, ROWS, ROWS)
    refunds = superuser.execute("SELECT count(*) FROM refunds WHERE district_id = %s", (street.id[-32:],)).fetchone()
    assert refunds == (ROWS,)

"""Statements in one packet: answers in their order, the first error, and connections that forget or end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import psycopg
import pytest
from psycopg import errors as pg

from app.foundation.database.db import db
from app.foundation.database.pipeline import Pipeline

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def driver() -> Iterator[psycopg.Connection]:
    with db.engine.connect() as connection:
        yield connection.connection.driver_connection
        connection.invalidate()


@pytest.fixture
def pipeline(driver: psycopg.Connection) -> Pipeline:
    pipeline = Pipeline(driver)
    pipeline.start()
    return pipeline


def test_answers_come_to_those_who_asked(pipeline: Pipeline, driver: psycopg.Connection) -> None:
    first = pipeline.send(b"SELECT $1::int + 1", (1,))
    second = pipeline.send(b"SELECT n FROM generate_series(1, 3) AS n")
    third = pipeline.send(b"SELECT 1 WHERE false")
    assert (second.fetchall(), first.fetchone(), third.fetchone()) == ([(1,), (2,), (3,)], (2,), None)
    assert third.rowcount == 0
    pipeline.end_transaction(b"COMMIT")
    assert driver.execute("SELECT 1").fetchone() == (1,)


def test_values_arrive_as_they_are(pipeline: Pipeline) -> None:
    values = ("é\\'", -7, True, b"\x00\xff", date(2026, 1, 2), datetime(2026, 1, 2, 3, 4, 5, 6, UTC), None)
    types = ("text", "bigint", "boolean", "bytea", "date", "timestamptz", "uuid")
    columns = ", ".join(f"${n}::{type_}" for n, type_ in enumerate(types, 1))
    assert pipeline.send(f"SELECT {columns}".encode(), values).fetchone() == values
    pipeline.end_transaction(b"ROLLBACK")


def test_the_first_error_is_raised_and_nothing_of_it_stays(pipeline: Pipeline, driver: psycopg.Connection) -> None:
    pipeline.send(b"CREATE TEMPORARY TABLE kept (n int)")
    pipeline.send(b"SELECT 1 / $1::int", (0,))
    later = pipeline.send(b"SELECT 2")
    with pytest.raises(pg.DivisionByZero):
        later.fetchall()
    pipeline.end_transaction(b"ROLLBACK")
    assert driver.execute("SELECT to_regclass('kept')").fetchone() == (None,)
    pipeline.start()
    assert pipeline.send(b"SELECT 1 / $1::int", (1,)).fetchall() == [(1,)]
    assert pipeline.send(b"SELECT 2").fetchall() == [(2,)]
    pipeline.end_transaction(b"COMMIT")


def test_what_was_not_sent_yet_is_never_done(pipeline: Pipeline, driver: psycopg.Connection) -> None:
    pipeline.finish()
    pipeline.send(b"SELECT 1 / 0")
    pipeline.abandon(b"ROLLBACK")
    assert driver.execute("SELECT 1").fetchone() == (1,)


def test_a_transaction_that_never_began_is_left(pipeline: Pipeline, driver: psycopg.Connection) -> None:
    pipeline.end_transaction(b"ROLLBACK")
    driver.execute("DEALLOCATE ALL")
    driver.commit()
    pipeline.start()
    pipeline.abandon(b"ROLLBACK")
    assert driver.execute("SELECT 1").fetchone() == (1,)


def test_what_was_forgotten_is_prepared_again(pipeline: Pipeline, driver: psycopg.Connection) -> None:
    pipeline.end_transaction(b"COMMIT")
    driver.execute("DEALLOCATE ALL")
    driver.commit()
    for _ in range(2):
        pipeline.start()
        assert pipeline.send(b"SELECT 3").fetchall() == [(3,)]
        pipeline.end_transaction(b"COMMIT")


def test_what_is_sent_once_is_not_prepared(pipeline: Pipeline, driver: psycopg.Connection) -> None:
    pipeline.send(b"SET LOCAL app.district = 'here'", once=True)
    prepared = pipeline.send(b"SELECT statement FROM pg_prepared_statements WHERE statement LIKE 'SET%'")
    shown = pipeline.send(b"SELECT current_setting('app.district')")
    assert (prepared.fetchall(), shown.fetchall()) == ([], [("here",)])
    pipeline.send(b"SET LOCAL nothing", once=True)
    with pytest.raises(pg.SyntaxError):
        pipeline.finish()
    pipeline.end_transaction(b"ROLLBACK")
    pipeline.start()
    assert pipeline.send(b"SELECT 2").fetchall() == [(2,)]


def test_more_than_the_buffers_hold_goes_both_ways(pipeline: Pipeline) -> None:
    text = "x" * 3_000_000
    replies = [pipeline.send(b"SELECT $1::text", (text,)) for _ in range(4)]
    assert [reply.fetchone() for reply in replies] == [(text,)] * 4
    pipeline.end_transaction(b"COMMIT")


def test_a_lost_connection_is_closed(pipeline: Pipeline, driver: psycopg.Connection) -> None:
    pipeline.send(b"SELECT pg_terminate_backend(pg_backend_pid())")
    with pytest.raises(psycopg.OperationalError):
        pipeline.finish()
    assert driver.closed
    pipeline.abandon(b"ROLLBACK")

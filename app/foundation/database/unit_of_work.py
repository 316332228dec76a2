"""The one place that commits.

`with unit_of_work(principal) as uow:` is one database transaction of one district: a clean exit commits, an exception
rolls back. Row-level security shows it that district's rows and no others.

`pipelined=True` sends statements without waiting for each answer (PostgreSQL's pipeline mode): `BEGIN`, the district
and the first reads share one round trip, the writes and `COMMIT` another. It has no ORM session.

A sandbox has a time of its own, which the first statement reads and which stands still, but for running on, until the
commit (docs/decisions/0032-test-clocks.md).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar, cast

import psycopg
from psycopg import errors as pg
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.foundation.clock import Clock
from app.foundation.database import modes, outbox
from app.foundation.database.db import db
from app.foundation.database.outbox import Event
from app.foundation.database.pipeline import Pipeline, Reply
from app.foundation.database.servers import Server
from app.foundation.database.statements import numbered, together
from app.foundation.ids import hex_of, is_id
from app.foundation.problems import DomainError
from app.foundation.runtime import runtime
from app.foundation.tenancy import OPERATOR_DISTRICT, Origin, Principal


class Overtaken(Exception):
    """A neighbour has changed what was read before it could be locked: do the whole unit of work again.

    `keys` name what it is to look at more closely then, as `UnitOfWork.overtaken_by`.
    """

    def __init__(self, keys: Iterable[str] = ()) -> None:
        super().__init__()
        self.keys = frozenset(keys)


RETRYABLE = (pg.DeadlockDetected, pg.SerializationFailure, pg.UniqueViolation, Overtaken)
"""What a second try may cure: the first saw the database as it was before a neighbour committed."""
Row = tuple[Any, ...]
Cursor = psycopg.Cursor[Row] | Reply
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.001, 0.1
T = TypeVar("T")


class UnitOfWork:
    """A transaction under way: who acts, in which district, at what instant, by which request (None for jobs).

    `now` stands still; `clock` goes on, for who has waited. Both are of the district's time. `real_now` is the
    installation's: for what happens between machines (retries, signatures), whatever time a sandbox has.
    `overtaken_by`: the keys of what got in the way of earlier tries.
    """

    def __init__(
        self,
        principal: Principal,
        connection: Connection,
        clock: Clock,
        *,
        pipelined: bool,
        origin: Origin | None = None,
        is_spread: bool = False,
        may_move: bool = False,
        overtaken_by: frozenset[str] = frozenset(),
    ) -> None:
        self.principal = principal
        self._is_spread = is_spread
        self._may_move = may_move
        self.origin = origin
        self.overtaken_by = overtaken_by
        self.district_id = principal.district_id
        self.is_sandbox = False
        self._believed: tuple[Cursor, int] | None = None
        self.clock = self._real_clock = clock
        self.now = self.real_now = clock()
        self._connection = connection
        self._driver = cast("psycopg.Connection[Row]", connection.connection.driver_connection)
        self._pipeline = _pipeline_of(connection, self._driver) if pipelined else None
        self._session: Session | None = None
        self._kept: set[object] = set()
        self._events: list[Event] = []
        self._writes: list[tuple[str, Mapping[str, Any]]] = []

    @property
    def session(self) -> Session:
        """The ORM session of this transaction."""
        if self._pipeline is not None:
            raise RuntimeError("a pipelined unit of work speaks SQL only")
        if self._session is None:
            self._session = Session(self._connection, expire_on_commit=False)
        return self._session

    def row(self, kind: type[T], key: Any) -> T:
        """The row of the ORM with a key, asked for once: it is kept until the end. Raises NoResultFound."""
        row = self.session.get_one(kind, key)
        self._kept.add(row)
        return row

    def execute(self, query: str, parameters: Mapping[str, Any] | Sequence[Any] | None = None) -> Cursor:
        """Sends one SQL statement on this transaction, after what is still held back."""
        if self._session is not None:
            self._session.flush()
        if self._writes:
            self._send_writes()
        if self._pipeline is not None:
            statement = numbered(query)
            return self._pipeline.send(statement.text, statement.values(parameters))
        return self._driver.execute(query.encode(), parameters)

    def rows(self, query: str, parameters: Mapping[str, Any] | Sequence[Any] | None = None) -> list[Row]:
        """The rows that a statement answers."""
        return self.execute(query, parameters).fetchall()

    def wait_for(self, query: str, parameters: Mapping[str, Any]) -> None:
        """Waits until a statement has its locks, and lets these go again."""
        self.execute("SAVEPOINT waiting")
        self.rows(query, parameters)
        self.execute("ROLLBACK TO SAVEPOINT waiting")

    def write(self, query: str, parameters: Mapping[str, Any]) -> None:
        """Sends a write whose answer nobody needs; `%(district)s` and `%(now)s` are filled in.

        In a pipeline such writes are gathered and leave as one statement, each a part of its WITH clause: none sees
        what the others write. Where districts are spread over servers they leave one by one, in the same packet.
        """
        self._writes.append((query, parameters))
        if self._pipeline is None:
            self._send_writes()

    def _send_writes(self) -> None:
        writes, self._writes = self._writes, []
        shared = {"district": hex_of(self.district_id), "now": self.now}
        if self._pipeline is None or len(writes) == 1 or self._is_spread:
            for query, values in writes:
                self.execute(query, {**shared, **values})
            return
        own = {f"w{n}_{key}": value for n, (_, values) in enumerate(writes) for key, value in values.items()}
        statement = together(tuple(query for query, _ in writes))
        self._pipeline.send(statement.text, statement.values({**shared, **own}))

    def emit(self, *events: Event) -> None:
        """Keeps events for the outbox, and lets those react who belong to the same commit."""
        self._events.extend(events)
        for kind in dict.fromkeys(map(type, events)):
            for react in outbox.IN_COMMIT.get(kind, ()):
                react(self, [event for event in events if type(event) is kind])

    @contextmanager
    def inside(self, district_id: str) -> Iterator[None]:
        """Lets the operator write into the district that it has just made."""
        if self.principal.kind != "operator":
            raise RuntimeError("only the operator moves between districts")
        outside = self.district_id
        self.enter(district_id)
        yield
        self.finish()
        self.enter(outside)

    def enter(self, district_id: str) -> None:
        """Shows this transaction a district, and takes its time. Only a sandbox is waited for, and not in a pipeline."""
        self.district_id, self._believed = district_id, None
        if modes.is_live(district_id):
            self._show(district_id)
            self._take_time(None)
            return
        if self._is_spread:
            self._show(district_id)  # what a function sets isn't handed on to another server
        told = self.execute("SELECT * FROM enter_district(%s)", (hex_of(district_id),))
        ahead_us = None if self._pipeline is None else modes.ahead_us(district_id)
        if ahead_us is None:
            self._take_time(self._heard(told))
        else:
            self._believed = told, ahead_us
            self._take_time(ahead_us)

    def _heard(self, told: Cursor) -> int | None:
        """By how many microseconds the district is ahead; None for a live one."""
        [(mode, ahead_us)] = told.fetchall()
        modes.remember(self.district_id, mode, ahead_us or 0)
        return (ahead_us or 0) if mode == modes.SANDBOX else None

    def _take_time(self, ahead_us: int | None) -> None:
        self.is_sandbox = ahead_us is not None
        if ahead_us is None:
            self.clock, self.now = self._real_clock, self.real_now
            return
        ahead = timedelta(microseconds=ahead_us)
        self.clock = lambda: self._real_clock() + ahead
        self.now = self.clock()  # who has waited for the clock to arrive isn't of the time before

    def check_time(self) -> None:
        """Raises Overtaken where this went by a time that isn't the sandbox's any more: it is to be done again."""
        believed, self._believed = self._believed, None
        if believed is not None and self._heard(believed[0]) != believed[1]:
            raise Overtaken

    def _show(self, district_id: str) -> None:
        if self._pipeline is None:
            self.execute(_set_district(district_id))
        else:
            self._pipeline.send(_set_district(district_id).encode(), once=True)

    def finish(self) -> None:
        """Writes what is still held back, events included."""
        if self._session is not None:
            self._session.flush()
        outbox.write_events(self, self._events)
        self._events = []
        if self._writes:
            self._send_writes()
        if self._may_move:
            self.execute("SELECT stay_with(%s)", (hex_of(self.district_id),))


def _set_district(district_id: str) -> str:
    if not is_id("dis", district_id):
        raise ValueError("not the id of a district")
    return f"SET LOCAL app.district = '{hex_of(district_id)}'"


@contextmanager
def unit_of_work(
    principal: Principal,
    *,
    clock: Clock | None = None,
    pipelined: bool = False,
    snapshot: bool = False,
    origin: Origin | None = None,
    at: Server | None = None,
    overtaken_by: frozenset[str] = frozenset(),
) -> Iterator[UnitOfWork]:
    """One transaction for one principal in its district; `clock` (else the runtime's) gives the real time.

    `snapshot=True` reads everything as of one moment, and writes nothing. `at`: a server of a spread database, for what
    concerns several of its districts; else the district's own is meant.
    Database errors come out as psycopg's own classes (told apart by SQLSTATE), also those met through the session.
    """
    running = runtime()
    spread, home = running.spread, None
    if spread is not None and at is None:
        home = spread.server_of(principal.district_id)
    server = at or home
    with db.engine.connect() if server is None else server.connect() as connection:
        uow = UnitOfWork(
            principal,
            connection,
            clock or running.clock,
            pipelined=pipelined,
            origin=origin,
            is_spread=spread is not None,
            may_move=home is not None and not snapshot,
            overtaken_by=overtaken_by,
        )
        try:
            if uow._pipeline is not None:
                yield from _in_pipeline(uow, uow._pipeline)
            else:
                if snapshot:
                    uow.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                yield from _body(uow)
                if uow._session is not None:
                    uow._session.commit()
                uow._driver.commit()
        except BaseException as error:
            if uow._session is not None:
                uow._session.rollback()
            if not uow._driver.closed:
                uow._driver.rollback()
            else:
                connection.invalidate()
            if spread is not None and isinstance(error, pg.SerializationFailure):
                spread.forget(principal.district_id)
            if isinstance(error, DBAPIError) and error.orig is not None:
                raise error.orig from error
            raise


def _body(uow: UnitOfWork) -> Iterator[UnitOfWork]:
    uow.enter(uow.district_id)
    if uow.principal.kind == "operator" and uow.district_id == OPERATOR_DISTRICT:
        uow.execute("SET LOCAL app.operator = 'on'")
    yield uow
    uow.finish()


def _in_pipeline(uow: UnitOfWork, pipeline: Pipeline) -> Iterator[UnitOfWork]:
    pipeline.start()
    try:
        uow.enter(uow.district_id)
        try:
            yield uow
        except DomainError:
            uow.check_time()  # at the right time it may not be refused
            raise
        uow.check_time()
        uow.finish()
        pipeline.end_transaction(b"COMMIT")
    except BaseException:
        pipeline.abandon(b"ROLLBACK")
        raise


def _pipeline_of(connection: Connection, driver: psycopg.Connection[Row]) -> Pipeline:
    """The pipeline of a connection, which knows what it has prepared, for as long as the connection lives."""
    pipeline = connection.info.get("pipeline")
    if pipeline is None:
        pipeline = connection.info["pipeline"] = Pipeline(driver)
    return cast("Pipeline", pipeline)


def retrying(attempts: int, work: Callable[[], T]) -> T:
    """Does a whole unit of work again when a neighbour got in its way; the last failure is raised.

    Before each further attempt it waits a little, up to twice as long as the time before: neighbours who met don't meet again.
    """
    for number in range(attempts - 1):
        try:
            return work()
        except RETRYABLE:
            pause(number)
    return work()


def pause(number: int) -> None:
    """Waits between one attempt (counted from 0) and the next: some random part of 1 ms, 2, 4, … up to LONGEST_PAUSE."""
    longest = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**number)
    time.sleep(random.uniform(0, longest))  # noqa: S311 - it only spreads retries

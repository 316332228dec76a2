"""PostgreSQL's pipeline mode (libpq, chapter 34.5): statements gather, and leave together when an answer is wanted.

psycopg has one too, but sends each statement in a packet of its own; the server then wakes up a dozen times a sale.
Statements are prepared once for each connection, but for those that are sent `once`; psycopg, which does the same for the ORM, drops them all after a
rollback of its own: then `BEGIN` is not found, nothing has happened, and they are prepared anew. Parameters go as text,
but for `Packed` arrays, and their types follow from the statement.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, cast

import psycopg
from psycopg import errors, pq
from psycopg.abc import Buffer, PQGen
from psycopg.adapt import Transformer
from psycopg.generators import fetch_many, send
from psycopg.pq.abc import PGconn, PGresult

from app.foundation.database.sql_arrays import Packed

Row = tuple[Any, ...]
_GOOD = frozenset({pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK, pq.ExecStatus.PIPELINE_SYNC})
_DUMPERS: Mapping[type, Callable[[Any], bytes]] = {
    Packed: lambda value: value,
    str: str.encode,
    int: lambda value: str(value).encode(),
    bool: lambda value: b"t" if value else b"f",
    bytes: lambda value: b"\\x" + value.hex().encode(),
    date: lambda value: value.isoformat().encode(),
    datetime: lambda value: value.isoformat().encode(),
}
_BEGIN = b"BEGIN"
_numbers = itertools.count(1)


class Reply:
    """A statement, and what it will have answered; asking for that waits for the server."""

    __slots__ = ("_pipeline", "formats", "is_once", "parameters", "result", "text")

    def __init__(self, pipeline: Pipeline, text: bytes, values: Sequence[Any], is_once: bool) -> None:
        self._pipeline = pipeline
        self.is_once = is_once
        self.text = text
        self.parameters = [_dumped(value) for value in values]
        self.formats = [pq.Format.BINARY if type(value) is Packed else pq.Format.TEXT for value in values]
        self.result: PGresult | None = None

    def _settled(self) -> PGresult:
        if self.result is None:
            self._pipeline.finish()
        return cast("PGresult", self.result)

    def fetchall(self) -> list[Row]:
        """The rows."""
        return self._pipeline.rows_of(self._settled())

    def fetchone(self) -> Row | None:
        """The first row, if there is one."""
        return next(iter(self.fetchall()), None)

    @property
    def rowcount(self) -> int:
        """How many rows the statement touched."""
        return self._settled().command_tuples or 0


class Pipeline:
    """A connection's pipeline mode, made once and used from `start` to `end`, again and again."""

    def __init__(self, driver: psycopg.Connection[Any]) -> None:
        self._driver = driver
        self._wire: PGconn = driver.pgconn
        self._transformer = Transformer(driver)
        self._prepared: dict[bytes, bytes] = {}
        self._waiting: list[Reply] = []

    def start(self) -> None:
        """Enters pipeline mode and a transaction."""
        self._wire.enter_pipeline_mode()
        self.send(_BEGIN)

    def send(self, text: bytes, values: Sequence[Any] = (), *, once: bool = False) -> Reply:
        """Keeps a statement, with `$n` for its parameters, until somebody asks for an answer; errors are raised then.

        `once`: it isn't prepared, and has no parameters.
        """
        reply = Reply(self, text, values, once)
        self._waiting.append(reply)
        return reply

    def finish(self) -> None:
        """Sends all that waits, and waits until it is answered. Raises the first error among the answers."""
        waiting, self._waiting = self._waiting, []
        error = self._exchange(waiting)
        if isinstance(error, errors.InvalidSqlStatementName) and waiting[0].text == _BEGIN:
            self._prepared.clear()
            error = self._exchange(waiting)
        if error is not None:
            raise error

    def _exchange(self, statements: Sequence[Reply]) -> psycopg.Error | None:
        """One packet there, one back; gives the first error."""
        sent: list[Reply | bytes] = []
        try:
            for one in statements:
                if one.is_once:
                    self._wire.send_query_params(one.text, None)
                    sent.append(one)
                    continue
                name = self._prepared.get(one.text)
                if name is None:
                    name = self._prepared[one.text] = b"q%d" % next(_numbers)
                    self._wire.send_prepare(name, one.text)
                    sent.append(one.text)
                self._wire.send_query_prepared(name, one.parameters, one.formats)
                sent.append(one)
            self._wire.pipeline_sync()
            answers = self._driver.wait(_answers(self._wire, len(sent) + 1))
        except BaseException:
            self._wire.finish()  # nobody knows which answers are still to come
            raise
        failed = None
        for what, result in zip(sent, answers, strict=False):
            is_good = result.status in _GOOD
            if isinstance(what, Reply):
                what.result = result
            elif not is_good:
                self._prepared.pop(what, None)
            failed = failed or (None if is_good else result)
        return None if failed is None else errors.error_from_result(failed, encoding="utf-8")

    def rows_of(self, result: PGresult) -> list[Row]:
        """The rows of an answer, as Python has them."""
        self._transformer.set_pgresult(result)
        return self._transformer.load_rows(0, result.ntuples, tuple)

    def end_transaction(self, last: bytes) -> None:
        """Sends a last statement, which ends the transaction, and leaves pipeline mode."""
        self.send(last)
        self.finish()
        self._wire.exit_pipeline_mode()

    def abandon(self, last: bytes) -> None:
        """Drops what still waits, takes back what was sent, and leaves pipeline mode; closes a connection that can't."""
        is_untouched = bool(self._waiting) and self._waiting[0].text == _BEGIN
        self._waiting.clear()
        try:
            if not is_untouched:
                self.send(last)
                self.finish()
            self._wire.exit_pipeline_mode()
        except psycopg.Error:
            self._wire.finish()


def _answers(wire: PGconn, count: int) -> PQGen[list[PGresult]]:
    """The answer to each message, the sync at the end included."""
    yield from send(wire)
    answers = []
    for _ in range(count):
        answers += yield from fetch_many(wire)
    return answers


def _dumped(value: Any) -> Buffer | None:
    return None if value is None else _DUMPERS[type(value)](value)

"""The file of an offline queue: SQLite, so that what is kept survives a crash of the program and of the machine.

Write-ahead log with full synchronisation: a commit is on the disk before it returns (sqlite.org/wal.html,
sqlite.org/pragma.html#pragma_synchronous). Not for network drives, where SQLite's locks can't be trusted.
"""

from __future__ import annotations

import errno
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from merchant_sdk._http.errors import SpoolDamaged, SpoolError, SpoolFull

log = logging.getLogger("merchant_sdk")
APPLICATION_ID = 0x51544E51
PATIENCE_SECONDS = 30.0
PAUSE_SECONDS = 0.02
PRAGMAS = (
    "synchronous = FULL",
    "fullfsync = ON",
    "checkpoint_fullfsync = ON",
    "secure_delete = ON",  # phone numbers that were sent don't linger in the file
    "wal_autocheckpoint = 100",  # pages: the log takes little of a small disk
)

MIGRATIONS = (
    """
    CREATE TABLE items (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL,
        reference TEXT NOT NULL,
        body TEXT NOT NULL,
        digest TEXT NOT NULL UNIQUE,
        idempotency_key TEXT NOT NULL,
        kept_at REAL NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('waiting', 'rejected')),
        answers INTEGER NOT NULL DEFAULT 0,
        due_at REAL NOT NULL DEFAULT 0,
        status INTEGER,
        problem TEXT
    );
    CREATE INDEX items_by_state ON items (state, id);
    CREATE TABLE sent (digest TEXT PRIMARY KEY, id INTEGER NOT NULL, sent_at REAL NOT NULL) WITHOUT ROWID;
    CREATE INDEX sent_by_instant ON sent (sent_at);
    CREATE TABLE lease (one INTEGER PRIMARY KEY CHECK (one = 1), holder TEXT, until REAL NOT NULL);
    INSERT INTO lease VALUES (1, NULL, 0);
    """,
    """
    ALTER TABLE items ADD COLUMN sale_reference TEXT;
    ALTER TABLE items ADD COLUMN missed_since REAL;
    CREATE INDEX sales_by_reference ON items (reference) WHERE kind = 'sale';
    CREATE INDEX refunds_by_sale ON items (sale_reference) WHERE sale_reference IS NOT NULL;
    """,
    """
    ALTER TABLE items ADD COLUMN has_made_time INTEGER NOT NULL DEFAULT 0;
    """,
)
"""What leads from each version of the file (`user_version`) to the next. One that was released is never edited.

`items.kind` says where an item goes; `answers` counts the answers it got and is part of the idempotency key, so that
no stored refusal is given again; `due_at`, `kept_at`, `missed_since` and `sent_at` are Unix seconds. `sale_reference`
is the sale that a refund gives back, where it is named by its reference, and `missed_since` when the server first said
that it hasn't that sale. `has_made_time`: the queue, not the till, has said when it was. `sent` remembers for some days
what went out, so that a till that keeps a sale again after a crash keeps nothing. `lease`: who is sending, until when.
"""

_FULL = {sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_PRIMARY = 0xFF
_making = threading.Lock()
R = TypeVar("R")


class SpoolFile:
    """A connection to the file, shared by the threads of a process; processes may share the file.

    Every call raises SpoolError; after one nothing is half done.
    """

    def __init__(self, path: str | os.PathLike[str], *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self.path = Path(os.fsdecode(path)).absolute()
        self._patience_seconds = patience_seconds
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._opened: tuple[int, tuple[int, int]] | None = None
        self._inherited: list[sqlite3.Connection] = []
        with self.reading():
            pass

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that alone may write; it is on the disk when the block has ended, or undone."""
        with self._lock, self._named_errors():
            connection = self._open()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    with suppress(sqlite3.Error):
                        connection.execute("ROLLBACK")
                raise

    def write(self, work: Callable[[sqlite3.Connection], R]) -> R:
        """What `work` gives, done in a transaction of its own."""
        with self.writing() as db:
            return work(db)

    def make_room(self) -> None:
        """Takes the log into the file and empties it, where that is possible: on a full disk it is some megabytes."""
        with suppress(SpoolError), self.reading() as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, for a query."""
        with self._lock, self._named_errors():
            yield self._open()

    def close(self) -> None:
        """Closes the file; the next call opens it again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            self._drop()
            raise _error_of(self.path, error) from error
        except OSError as error:
            raise _error_of_system(self.path, error) from error

    def _drop(self) -> None:
        with suppress(sqlite3.Error):
            self.close()
        self._connection = None

    def _open(self) -> sqlite3.Connection:
        """The connection; another one after a fork, which no connection survives, and where the file was replaced."""
        if self._opened is not None and self._opened[0] != os.getpid() and self._connection is not None:
            self._inherited.append(self._connection)  # closing it here would take the parent's locks
            self._connection = None
        if self._connection is not None and self._opened is not None and self._opened[1] != _identity(self.path):
            log.warning("%s was removed or replaced; what it held is gone", self.path)
            self._drop()
        if self._connection is None:
            self._connection = _connected(self.path, self._patience_seconds)
            self._opened = (os.getpid(), _identity(self.path))
        return self._connection


def _connected(path: Path, patience_seconds: float) -> sqlite3.Connection:
    with _making:
        _make(path)
        connection = sqlite3.connect(
            f"{path.as_uri()}?mode=rw",
            uri=True,
            timeout=patience_seconds,
            isolation_level=None,
            check_same_thread=False,
        )
    try:
        _patiently(lambda: _prepare(connection, path), patience_seconds)
    except BaseException:
        with suppress(sqlite3.Error):
            connection.close()
        raise
    return connection


def _make(path: Path) -> None:
    """Makes an empty file that its owner alone may read, and sees to it that its name survives a crash.

    One that is there isn't opened: closing it would take the locks of this process's connections to it
    (sqlite.org/howtocorrupt.html, 2.2).
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _patiently(action: Callable[[], None], patience_seconds: float) -> None:
    """SQLite doesn't wait by itself where it changes to the write-ahead log or recovers it."""
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            return action()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & _PRIMARY not in _BUSY or time.monotonic() > deadline:
                raise
        time.sleep(PAUSE_SECONDS)


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    _check_owner(connection, path)
    mode = _pragma(connection, "journal_mode = WAL")
    if mode != "wal":
        raise SpoolError(f"{path}: no write-ahead log is possible there ({mode}); take a folder of a local disk")
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    problem = _pragma(connection, "quick_check(1)")
    if problem != "ok":
        raise SpoolDamaged(f"{path} is damaged: {problem}")
    if _pragma(connection, "user_version") != len(MIGRATIONS):
        _migrate(connection, path)


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        _check_owner(connection, path)
        for migration in MIGRATIONS[int(str(_pragma(connection, "user_version"))) :]:
            for statement in migration.split(";"):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
        raise


def _check_owner(connection: sqlite3.Connection, path: Path) -> None:
    """Raises SpoolError where the file is another program's, or a newer version's."""
    owner = _pragma(connection, "application_id")
    [tables] = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if owner != APPLICATION_ID and (owner or tables):
        raise SpoolError(f"{path} is a database of another program")
    version = _pragma(connection, "user_version")
    if not isinstance(version, int) or version > len(MIGRATIONS):
        raise SpoolError(f"{path} was made by a newer version of this package (format {version})")


def _pragma(connection: sqlite3.Connection, text: str) -> object:
    return connection.execute(f"PRAGMA {text}").fetchone()[0]


def _identity(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except FileNotFoundError:
        return (0, 0)
    return (found.st_dev, found.st_ino)


def _error_of(path: Path, error: sqlite3.Error) -> SpoolError:
    code = getattr(error, "sqlite_errorcode", 0)
    if code & _PRIMARY == sqlite3.SQLITE_FULL or code in _FULL:
        return SpoolFull(f"{path}: no room to keep anything more ({error})")
    if code & _PRIMARY in _DAMAGED:
        return SpoolDamaged(f"{path} is damaged ({error})")
    if code & _PRIMARY in _BUSY:
        return SpoolError(f"{path} is held by another program for too long ({error})")
    return SpoolError(f"{path} can't be used ({error})")


def _error_of_system(path: Path, error: OSError) -> SpoolError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return SpoolFull(f"{path}: no room to keep anything ({error.strerror})")
    return SpoolError(f"{path} can't be used ({error.strerror or error})")

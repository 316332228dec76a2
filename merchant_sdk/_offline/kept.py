"""What lies in an offline queue, and the statements that move it. Every function is given the open transaction."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from merchant_sdk._http.errors import ApiError, error_of

MOST_BYTES = 4 << 20
REMEMBERED_SECONDS = 3 * 86_400.0
FIRST_DEFER_SECONDS = 30.0
MOST_DEFER_SECONDS = 900.0
_COLUMNS = "id, kind, reference, body, kept_at, answers, idempotency_key, status, problem, missed_since, has_made_time"
_DUE = "(due_at <= :now OR due_at > :far)"


@dataclass(frozen=True, slots=True)
class KeptItem:
    """Something that is kept: its `body` as it is sent. `status` and `problem` are those of its refusal.

    `missed_since`: when the server first said that it hasn't the sale of this refund. `has_made_time`: `occurred_at` was
    left out, and the queue took the present.
    """

    id: int
    kind: str
    reference: str
    body: Mapping[str, Any] = field(repr=False, hash=False)
    kept_at: datetime
    answers: int = field(default=0, repr=False)
    idempotency_key: str = field(default="", repr=False)
    status: int | None = None
    problem: Mapping[str, Any] | None = field(default=None, hash=False)
    missed_since: datetime | None = field(default=None, repr=False)
    has_made_time: bool = field(default=False, repr=False)

    @property
    def error(self) -> ApiError | None:
        """The refusal as the call would have raised it, or None."""
        return None if self.status is None else error_of(self.status, self.problem or {})


@dataclass(frozen=True, slots=True)
class Counts:
    """How much lies in a queue; `oldest_waiting_at` is when the first that waits was kept."""

    waiting: int
    rejected: int
    oldest_waiting_at: datetime | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an item: `sent`, `rejected`, `deferred` (waits a while, others pass) or `again` (at once).

    `timeless`: again at once, without the time that the queue has made up. `missed`: as `deferred`, since its sale isn't there yet.
    """

    item: KeptItem
    fate: str
    status: int | None = None
    problem: Mapping[str, Any] | None = None


def digest_of(kind: str, given: Mapping[str, Any]) -> str:
    """What tells one item from another: all that was given of it."""
    text = json.dumps([kind, given], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def batch_key(items: Iterable[KeptItem]) -> str:
    """The idempotency key of a batch: the same until it has been answered."""
    text = "\n".join(f"{item.idempotency_key}:{item.answers}" for item in items)
    return f"spool-{hashlib.sha256(text.encode()).hexdigest()}"


def insert(
    db: sqlite3.Connection,
    kind: str,
    reference: str,
    body: str,
    digest: str,
    key: str,
    now: datetime,
    sale_reference: str | None = None,
    has_made_time: bool = False,
) -> KeptItem:
    """Keeps an item and gives it; where the same one was kept before, or sent these days, that one."""
    sent = db.execute("SELECT id FROM sent WHERE digest = ?", (digest,)).fetchone()
    if sent:
        return KeptItem(sent[0], kind, reference, json.loads(body), now)
    db.execute(
        "INSERT INTO items (kind, reference, body, digest, idempotency_key, kept_at, state, sale_reference, "
        "has_made_time) VALUES (?, ?, ?, ?, ?, ?, 'waiting', ?, ?) ON CONFLICT (digest) DO NOTHING",
        (kind, reference, body, digest, key, now.timestamp(), sale_reference, has_made_time),
    )
    return _item(db.execute(f"SELECT {_COLUMNS} FROM items WHERE digest = ?", (digest,)).fetchone())


def next_batch(db: sqlite3.Connection, kinds: Sequence[str], most: int, now: datetime) -> list[KeptItem]:
    """The first items that are due and go to one place; no more than `most`, nor than a body may hold.

    A refund waits for its sale where that comes after it or has to wait itself.
    """
    known = {f"kind_{number}": kind for number, kind in enumerate(kinds)}
    sale_to_come = (
        "SELECT 1 FROM items AS sale WHERE sale.kind = 'sale' AND sale.reference = item.sale_reference "
        f"AND sale.state = 'waiting' AND (sale.id > item.id OR NOT {_DUE.replace('due_at', 'sale.due_at')})"
    )
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM items AS item WHERE state = 'waiting' "
        f"AND kind IN ({', '.join(f':{name}' for name in known)}) AND {_DUE} "
        f"AND NOT EXISTS ({sale_to_come}) ORDER BY id LIMIT :most",
        # a pause longer than any we make was noted before the clock was set back
        {**known, "now": now.timestamp(), "far": now.timestamp() + MOST_DEFER_SECONDS, "most": most},
    ).fetchall()
    batch: list[KeptItem] = []
    size = 0
    for row in rows:
        size += len(row[3].encode())
        if batch and (row[1] != batch[0].kind or size > MOST_BYTES):
            break
        batch.append(_item(row))
    return batch


def note(db: sqlite3.Connection, outcomes: Iterable[Outcome], now: datetime) -> None:
    """Writes down what became of items; what is gone meanwhile stays gone."""
    for outcome in outcomes:
        if outcome.fate == "timeless":
            _note_timeless(db, outcome.item)
        elif outcome.fate == "sent":
            _note_sent(db, outcome.item, now)
        else:
            _note_kept(db, outcome, now)
    db.execute("DELETE FROM sent WHERE sent_at < ?", (now.timestamp() - REMEMBERED_SECONDS,))


def _note_sent(db: sqlite3.Connection, item: KeptItem, now: datetime) -> None:
    query = "INSERT OR IGNORE INTO sent SELECT digest, id, ? FROM items WHERE id = ?"
    db.execute(query, (now.timestamp(), item.id))
    db.execute("DELETE FROM items WHERE id = ?", (item.id,))
    if item.kind == "sale":  # the refunds that have missed it needn't wait any longer
        query = "UPDATE items SET due_at = 0 WHERE sale_reference = ? AND missed_since IS NOT NULL"
        db.execute(query, (item.reference,))


def _note_timeless(db: sqlite3.Connection, item: KeptItem) -> None:
    body = {name: value for name, value in item.body.items() if name != "occurred_at"}
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    db.execute(
        "UPDATE items SET body = ?, has_made_time = 0, due_at = 0, answers = answers + 1 "
        "WHERE id = ? AND state = 'waiting' AND answers = ?",
        (text, item.id, item.answers),
    )


def _note_kept(db: sqlite3.Connection, outcome: Outcome, now: datetime) -> None:
    at, item = now.timestamp(), outcome.item
    pause_seconds = min(FIRST_DEFER_SECONDS * 2.0 ** min(item.answers, 10), MOST_DEFER_SECONDS)
    missed_since = None if item.missed_since is None else item.missed_since.timestamp()
    if outcome.fate == "missed":
        missed_since = at if missed_since is None else min(at, missed_since)  # or the clock was set back
    db.execute(
        "UPDATE items SET state = ?, due_at = ?, status = ?, problem = ?, answers = answers + 1, missed_since = ? "
        "WHERE id = ? AND state = 'waiting' AND answers = ?",
        (
            "rejected" if outcome.fate == "rejected" else "waiting",
            at + pause_seconds if outcome.fate in ("deferred", "missed") else 0,
            outcome.status,
            json.dumps(outcome.problem),
            missed_since,
            item.id,
            item.answers,
        ),
    )


def rejected(db: sqlite3.Connection) -> list[KeptItem]:
    """Items that were refused, oldest first."""
    return [_item(row) for row in db.execute(f"SELECT {_COLUMNS} FROM items WHERE state = 'rejected' ORDER BY id")]


def retry(db: sqlite3.Connection, item_id: int, amend: Callable[[KeptItem], Mapping[str, Any]]) -> bool:
    """Lets a refused item wait again, with the body that `amend` makes of it. Raises what that raises."""
    row = db.execute(f"SELECT {_COLUMNS} FROM items WHERE id = ? AND state = 'rejected'", (item_id,)).fetchone()
    if row is None:
        return False
    item = _item(row)
    body = amend(item)
    sale_reference = body.get("transaction_reference") if item.kind == "refund" else None
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    text.encode()
    db.execute(
        "UPDATE items SET state = 'waiting', due_at = 0, status = NULL, problem = NULL, missed_since = NULL, body = ?, "
        "sale_reference = ? WHERE id = ?",
        (text, sale_reference, item_id),
    )
    return True


def discard(db: sqlite3.Connection, item_id: int) -> bool:
    """Forgets a refused item."""
    return db.execute("DELETE FROM items WHERE id = ? AND state = 'rejected'", (item_id,)).rowcount == 1


def counts(db: sqlite3.Connection) -> Counts:
    """How much waits and how much was refused."""
    query = "SELECT state, count(*), min(kept_at) FROM items GROUP BY state"
    found = {state: (count, since) for state, count, since in db.execute(query)}
    waiting, since = found.get("waiting", (0, None))
    return Counts(waiting, found.get("rejected", (0, None))[0], None if since is None else _instant(since))


def take_lease(db: sqlite3.Connection, holder: str, seconds: float, now: datetime) -> bool:
    """Makes `holder` the one that sends, for a while; False where another one is."""
    at = now.timestamp()
    # one that ends later than any we give was taken before the clock was set back
    query = "UPDATE lease SET holder = ?, until = ? WHERE holder IS NULL OR holder = ? OR until <= ? OR until > ?"
    return db.execute(query, (holder, at + seconds, holder, at, at + seconds)).rowcount == 1


def end_lease(db: sqlite3.Connection, holder: str) -> None:
    """Lets others send."""
    db.execute("UPDATE lease SET holder = NULL WHERE holder = ?", (holder,))


def _item(row: tuple[Any, ...]) -> KeptItem:
    number, kind, reference, body, kept_at, answers, key, status, problem, missed, has_made_time = row
    told = json.loads(problem) if problem else None
    since = None if missed is None else _instant(missed)
    held = json.loads(body)
    return KeptItem(
        number, kind, reference, held, _instant(kept_at), answers, key, status, told, since, bool(has_made_time)
    )


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)

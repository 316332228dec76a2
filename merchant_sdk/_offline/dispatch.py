"""Takes what waits in an offline queue to the server: in order, in batches, around what the server refuses."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from merchant_sdk._calls.batches import Batch, Kind, results_of
from merchant_sdk._calls.pages import Sends
from merchant_sdk._calls.refunds import REFUNDS
from merchant_sdk._calls.transactions import SALES
from merchant_sdk._http.errors import ApiError, QuantongError, ServerError, SpoolError
from merchant_sdk._offline import kept
from merchant_sdk._offline.kept import KeptItem, Outcome
from merchant_sdk._offline.spool import SpoolFile

log = logging.getLogger("merchant_sdk")

KINDS: Mapping[str, Kind[Any]] = {"sale": SALES, "refund": REFUNDS}
"""Where each kind of item goes. One more line, and its items may be kept (`OfflineQueue.keep`)."""

PASSING_STATUSES = frozenset({408, 425, 429})
PASSING_CODES = frozenset({"idempotency-key-in-use"})
"""Refusals of one item that may well pass: it waits, and the others go on."""
MISSED_CODE = "sale-not-recorded-yet"
"""A refund whose sale may still wait at another till: it is tried again, but not for ever."""
CONFLICT_CODES = frozenset({"reference-conflict", "refund-reference-conflict"})
"""The server has the reference. If the till called it without a time, and lost the answer, only the time differs."""
NEWER_KINDS = frozenset({"refund"})
"""What a product older than this package may not know."""
UNKNOWN_STATUSES = frozenset({404, 405})
SPLIT_STATUSES = frozenset({400, 413, 422})
OVERLOADED_STATUSES = frozenset({502, 503, 504})

OnSent = Callable[[KeptItem, Any], None]


@dataclass(frozen=True, slots=True)
class SendReport:
    """What a `send` did: `sent` and `rejected` items, how many still wait, and what stopped it, if anything did.

    `another_sends`: nothing was done, as another thread or process is sending.
    """

    sent: int
    rejected: int
    waiting: int
    error: QuantongError | None = None
    another_sends: bool = False


@dataclass(slots=True)
class Dispatcher:
    """Sends for one queue. `pace` is how many items go in the next batch; an answer of 500 halves it.

    `patience`: how long a refund is tried again whose sale the server hasn't.
    """

    spool: SpoolFile
    sender: Sends
    most: int
    lease_seconds: float
    patience: timedelta
    now: Callable[[], datetime]
    on_sent: OnSent | None = None
    pace: int = field(init=False)

    def __post_init__(self) -> None:
        self.pace = self.most

    def send(self, is_stopping: Callable[[], bool] = lambda: False) -> SendReport:
        """Sends until nothing is due, the server can't be reached or refuses the key. Raises SpoolError."""
        run = _Run(self, uuid4().hex)
        if not run.take_lease():
            return SendReport(0, 0, run.waiting(), another_sends=True)
        error: QuantongError | None = None
        try:
            while run.has_lease and not is_stopping() and (batch := run.next_batch()):
                run.deliver(batch)
                self.pace = min(self.most, self.pace * 2)
        except SpoolError:
            raise
        except QuantongError as stopped:
            error = stopped
        finally:
            run.end_lease()
        return SendReport(run.sent, run.rejected, run.waiting(), error)


@dataclass(slots=True)
class _Run:
    """One `send`, which holds the lease under a name of its own."""

    dispatcher: Dispatcher
    holder: str
    has_lease: bool = False
    sent: int = 0
    rejected: int = 0

    def take_lease(self) -> bool:
        with self.dispatcher.spool.writing() as db:
            self._renew(db)
        return self.has_lease

    def end_lease(self) -> None:
        with self.dispatcher.spool.writing() as db:
            kept.end_lease(db, self.holder)

    def waiting(self) -> int:
        with self.dispatcher.spool.reading() as db:
            return kept.counts(db).waiting

    def next_batch(self) -> list[KeptItem]:
        with self.dispatcher.spool.reading() as db:
            return kept.next_batch(db, list(KINDS), self.dispatcher.pace, self.dispatcher.now())

    def deliver(self, items: Sequence[KeptItem]) -> None:
        """Sends a batch and notes what became of it; halves of it, where the server takes it as a whole for wrong.

        Raises QuantongError where all has to wait.
        """
        try:
            results = self._call(items)
        except QuantongError as error:
            if isinstance(error, ApiError) and _is_of_an_item(error):
                self._divide(items, error)
            elif isinstance(error, ApiError) and items[0].kind in NEWER_KINDS and _is_unknown(error):
                log.warning("the server doesn't know any %s (%s); others go on", items[0].kind, error)
                self._note([Outcome(item, "deferred", error.status, error.problem) for item in items])
            else:
                self._step_back(items, error)
                raise
        except (TypeError, ValueError) as error:  # a file that someone has written into
            unreadable = {"code": "unreadable", "title": "It can't be sent", "detail": str(error)}
            self._divide(items, ApiError(0, unreadable))
        else:
            self._finish(items, results)

    def _call(self, items: Sequence[KeptItem]) -> list[Any]:
        kind = KINDS[items[0].kind]
        bodies = [dict(item.body) for item in items]
        answer = self.dispatcher.sender.request(
            "POST", kind.address, json={kind.name: bodies}, idempotency_key=kept.batch_key(items)
        )
        return results_of(kind, Batch(0, bodies), answer)

    def _divide(self, items: Sequence[KeptItem], error: ApiError) -> None:
        if error.code == "idempotency-key-reused":
            self._note([Outcome(item, "again") for item in items])
        elif len(items) == 1:
            self._note([Outcome(items[0], "rejected", error.status, error.problem)])
        else:
            half = len(items) // 2
            self.deliver(items[:half])
            if self.has_lease:
                self.deliver(items[half:])

    def _step_back(self, items: Sequence[KeptItem], error: QuantongError) -> None:
        """An answer of 500 may be the fault of one item: smaller batches find it, and it steps aside."""
        if not isinstance(error, ServerError) or error.status in OVERLOADED_STATUSES:
            return
        self.dispatcher.pace = max(1, len(items) // 2)
        if len(items) == 1:
            self._note([Outcome(items[0], "deferred", error.status, error.problem)])

    def _finish(self, items: Sequence[KeptItem], results: Sequence[Any]) -> None:
        outcomes = [self._outcome(item, result) for item, result in zip(items, results, strict=True)]
        for outcome, result in zip(outcomes, results, strict=True):
            if outcome.fate == "sent":
                self._tell(outcome.item, result)
        self._note(outcomes)

    def _outcome(self, item: KeptItem, result: Any) -> Outcome:
        if result.problem is None:
            return Outcome(item, "sent")
        return Outcome(item, self._fate(item, result.status, result.problem.get("code")), result.status, result.problem)

    def _fate(self, item: KeptItem, status: int, code: object) -> str:
        if code in CONFLICT_CODES and item.has_made_time:
            return "timeless"
        if code == MISSED_CODE:
            since = item.missed_since
            return "missed" if since is None or self.dispatcher.now() - since < self.dispatcher.patience else "rejected"
        passes = status >= 500 or status in PASSING_STATUSES or code in PASSING_CODES
        return "deferred" if passes else "rejected"

    def _tell(self, item: KeptItem, result: Any) -> None:
        if self.dispatcher.on_sent is None:
            return
        try:
            self.dispatcher.on_sent(item, result)
        except Exception:
            log.exception("on_sent failed for %s", item.reference)

    def _note(self, outcomes: Sequence[Outcome]) -> None:
        with self.dispatcher.spool.writing() as db:
            kept.note(db, outcomes, self.dispatcher.now())
            self._renew(db)
        self.sent += sum(outcome.fate == "sent" for outcome in outcomes)
        self.rejected += sum(outcome.fate == "rejected" for outcome in outcomes)

    def _renew(self, db: Any) -> None:
        self.has_lease = kept.take_lease(db, self.holder, self.dispatcher.lease_seconds, self.dispatcher.now())


def _is_of_an_item(error: ApiError) -> bool:
    """Whether a refusal of a whole batch speaks of what is in it; a stranger's page (a proxy's) doesn't, but for 413."""
    return error.status in SPLIT_STATUSES and (error.status == 413 or not error.code.startswith("http-"))


def _is_unknown(error: ApiError) -> bool:
    """Whether it is this API that has no such address, and not a stranger's page."""
    return error.status in UNKNOWN_STATUSES and not error.code.startswith("http-")

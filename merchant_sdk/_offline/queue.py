"""A queue that lets a till sell while the network is down."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from types import TracebackType
from typing import Self, Unpack
from uuid import uuid4

from merchant_sdk._calls import refund_bodies, sales
from merchant_sdk._calls.batches import MOST_IN_BATCH
from merchant_sdk._calls.client import Client
from merchant_sdk._calls.refund_bodies import OfflineRefund
from merchant_sdk._calls.sales import OfflineSale
from merchant_sdk._http.errors import SpoolFull
from merchant_sdk._http.sending import utc_now
from merchant_sdk._offline import kept
from merchant_sdk._offline.background import Background
from merchant_sdk._offline.dispatch import KINDS, Dispatcher, OnSent, SendReport
from merchant_sdk._offline.kept import Counts, KeptItem
from merchant_sdk._offline.spool import SpoolFile

BATCH_SIZE = 200
LEASE_SECONDS = 60.0
STOP_SECONDS = 40.0
REFUND_PATIENCE_SECONDS = 86_400.0

CHECKS = {"sale": sales.check_offline, "refund": refund_bodies.check_offline}
"""What each kind of item has to hold to, to be kept."""


class OfflineQueue:
    """Keeps sales and refunds in a file until the server has them; each counts once, whatever crashes in between.

    What `report` or `refund` has returned is on the disk. `send` and the thread of `sending` take it to the server, in
    order and in batches; what the server refuses steps aside into `rejected`. Threads and processes may share a file:
    one of them sends at a time, and where it is killed, another one after `lease_seconds`.

    A refund never goes before its sale, if that is kept here, too. One whose sale the server hasn't (it may wait at
    another till) is tried again for `refund_patience_seconds` since the server first said so, then rejected.

    Without a client a queue only keeps. `on_sent(item, result)` is told of each item that the server has, in the thread
    that sends, before the item leaves the file: after a crash maybe twice.
    Everything raises SpoolError where the file can't be used; a queue refuses a file that is damaged or not its own.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        client: Client | None = None,
        *,
        batch_size: int = BATCH_SIZE,
        lease_seconds: float = LEASE_SECONDS,
        refund_patience_seconds: float = REFUND_PATIENCE_SECONDS,
        on_sent: OnSent | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        if not 1 <= batch_size <= MOST_IN_BATCH:
            raise ValueError(f"batch_size: from 1 to {MOST_IN_BATCH}")
        self._spool = SpoolFile(path)
        self._now = now
        self._background: Background | None = None
        self._dispatcher: Dispatcher | None = None
        if client is not None:
            patience = timedelta(seconds=refund_patience_seconds)
            self._dispatcher = Dispatcher(self._spool, client.once(), batch_size, lease_seconds, patience, now, on_sent)

    def report(self, **sale: Unpack[OfflineSale]) -> KeptItem:
        """Keeps a sale (see SaleFields), and returns once it is on the disk.

        A `reference` is made up and `occurred_at` is the present where they are left out. The same sale again is kept
        once; one that was reported without a queue before, also without a time, is known again. Raises SpoolError (SpoolFull where the disk is full): then it is not kept. ValueError and TypeError for
        what can't be sent, and for `points_to_spend` and `coupons`: only the server knows what there is to spend.
        """
        return self.keep("sale", sale)

    def refund(self, **refund: Unpack[OfflineRefund]) -> KeptItem:
        """Keeps a refund (see RefundFields) of a sale that the server has or will have, as `report` keeps a sale.

        Of a sale that was kept here, `transaction_reference` is the item's `reference`. Raises as `report`.
        """
        return self.keep("refund", refund)

    def keep(self, kind: str, fields: Mapping[str, object]) -> KeptItem:
        """Keeps an item of a kind (KINDS), as `report` does. Raises ValueError for a kind that goes nowhere."""
        if kind not in KINDS:
            raise ValueError(f"kind: one of {', '.join(KINDS)}")
        CHECKS[kind](fields)
        given = KINDS[kind].body_of(fields)
        now = self._now()
        filled = KINDS[kind].body_of({"reference": f"q-{uuid4().hex}", "occurred_at": now, **given})
        if not isinstance(filled["reference"], str):
            raise TypeError("reference: a text is needed")
        text = json.dumps(filled, ensure_ascii=False, separators=(",", ":"))
        text.encode()  # half a character is refused here, not by the server later
        digest = kept.digest_of(kind, given if "reference" in given else filled)
        insert = partial(
            kept.insert,
            kind=kind,
            reference=filled["reference"],
            body=text,
            digest=digest,
            key=uuid4().hex,
            now=now,
            sale_reference=filled.get("transaction_reference") if kind == "refund" else None,
            has_made_time="occurred_at" not in given,
        )
        try:
            item = self._spool.write(insert)
        except SpoolFull:
            self._spool.make_room()
            item = self._spool.write(insert)
        if self._background is not None:
            self._background.wake()
        return item

    def send(self) -> SendReport:
        """Sends what waits, now, and says how far it came; what couldn't be sent (`error`) keeps waiting.

        Raises ValueError for a queue without a client.
        """
        return self._send(lambda: False)

    def start(self, every_seconds: float = 5.0) -> None:
        """Starts the thread that sends: at once what is reported here, every so many seconds what others did."""
        if self._dispatcher is None:
            raise ValueError("a queue without a client only keeps")
        if self._background is None:
            self._background = Background(self._send, every_seconds)

    def stop(self, patience_seconds: float = STOP_SECONDS) -> bool:
        """Stops the thread after the batch that is on its way; whether it has ended in time. What waits, waits."""
        background, self._background = self._background, None
        return background is None or background.stop(patience_seconds)

    @contextmanager
    def sending(self, every_seconds: float = 5.0) -> Iterator[Self]:
        """A thread sends during the block."""
        self.start(every_seconds)
        try:
            yield self
        finally:
            self.stop()

    def counts(self) -> Counts:
        """How much waits, since when, and how much was rejected."""
        with self._spool.reading() as db:
            return kept.counts(db)

    def rejected(self) -> list[KeptItem]:
        """What the server refused, oldest first, each with `status`, `problem` and `error`."""
        with self._spool.reading() as db:
            return kept.rejected(db)

    def retry(self, item_id: int, **changes: object) -> bool:
        """Lets a rejected item wait again, say because its store is known now; False where there is none.

        `changes` are fields that were wrong, as `report` or `refund` takes them (`occurred_at` where the till's clock
        was); None leaves one out. The reference stays: a sale under another one would be another sale. Raises as
        `report`, and ValueError for a change of the reference; nothing has changed then.
        """
        if "reference" in changes:
            raise ValueError("reference: another one would be another item; report that, and discard this")
        return self._spool.write(lambda db: kept.retry(db, item_id, partial(_amended, changes)))

    def discard(self, item_id: int) -> bool:
        """Forgets a rejected item for good; False where there is none."""
        return self._spool.write(lambda db: kept.discard(db, item_id))

    def close(self) -> None:
        """Stops the thread and closes the file."""
        self.stop()
        self._spool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _send(self, is_stopping: Callable[[], bool]) -> SendReport:
        if self._dispatcher is None:
            raise ValueError("a queue without a client only keeps")
        return self._dispatcher.send(is_stopping)

    def __repr__(self) -> str:
        return f"OfflineQueue({os.fspath(self._spool.path)!r})"


def _amended(changes: Mapping[str, object], item: KeptItem) -> Mapping[str, object]:
    """The body of an item with other fields. Raises TypeError and ValueError for what can't be sent."""
    if not changes:
        return item.body
    fields = {name: value for name, value in {**item.body, **changes}.items() if value is not None}
    CHECKS[item.kind](fields)
    return KINDS[item.kind].body_of(fields)

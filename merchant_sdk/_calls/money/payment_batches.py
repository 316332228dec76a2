"""`client.payment_batches`: payments as files for a bank; with a district's key only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from merchant_sdk._answers.payments import PaymentBatch
from merchant_sdk._calls.office import FILES
from merchant_sdk._calls.pages import Sends, read_all
from merchant_sdk._http.wire import path


class PaymentBatches:
    """Batches. Every call raises QuantongError."""

    def __init__(self, sender: Sends) -> None:
        self._sender = sender

    def create(
        self, period_id: str, direction: Literal["in", "out"], profile: str, *, idempotency_key: str | None = None
    ) -> PaymentBatch:
        """Puts the payments of a period that can go by file into one of a bank's layout."""
        body = {"period_id": period_id, "direction": direction, "profile": profile}
        answer = self._sender.request("POST", path("payment-batches"), json=body, idempotency_key=idempotency_key)
        return PaymentBatch.read(answer)

    def list(self) -> Iterator[PaymentBatch]:
        """Batches, newest first."""
        return read_all(self._sender, path("payment-batches"), PaymentBatch, {})

    def get(self, batch_id: str) -> PaymentBatch:
        """A batch: the payments in its file, and its digest."""
        return PaymentBatch.read(self._sender.request("GET", path("payment-batches", batch_id)))

    def file(self, batch_id: str, *, format: Literal["csv", "xlsx"] = "csv") -> bytes:
        """The file for the bank, in the format of its profile; the same bytes each time."""
        return self._sender.fetch(path("payment-batches", batch_id, "file"), FILES[format])

    def note_outcomes(self, batch_id: str, content: bytes, *, idempotency_key: str | None = None) -> PaymentBatch:
        """Sends the bank's file of what became of the payments; `noted` says what was understood."""
        address = path("payment-batches", batch_id, "outcomes")
        return PaymentBatch.read(self._sender.upload(address, content, params={}, idempotency_key=idempotency_key))

    def cancel(self, batch_id: str, *, idempotency_key: str | None = None) -> PaymentBatch:
        """Takes the payments out of a file that the bank was not given."""
        address = path("payment-batches", batch_id, "cancel")
        return PaymentBatch.read(self._sender.request("POST", address, idempotency_key=idempotency_key))

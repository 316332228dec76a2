"""`client.refunds`: what has been given back. To give something back: `client.transactions.refund`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from merchant_sdk._answers.refunds import Refund, RefundResult
from merchant_sdk._calls import batches
from merchant_sdk._calls.pages import Sends, read_all
from merchant_sdk._calls.refund_bodies import body_of
from merchant_sdk._http.wire import path


def _result(index: int, body: batches.Body, row: Mapping[str, Any]) -> RefundResult:
    status, refund = batches.status_of(row, "refund"), row.get("refund")
    if refund:
        return RefundResult(index, body.get("reference"), status, Refund.read(refund))
    return RefundResult(index, body.get("reference"), status, problem=row["problem"])


REFUNDS = batches.Kind(path("refunds", "batch"), "refunds", body_of, _result)


class Refunds:
    """Refunds on record. Every call raises QuantongError."""

    def __init__(self, sender: Sends) -> None:
        self._sender = sender

    def get(self, refund_id: str) -> Refund:
        """A refund, with today's balance."""
        return Refund.read(self._sender.request("GET", path("refunds", refund_id)))

    def list(
        self,
        *,
        transaction_id: str | None = None,
        merchant_id: str | None = None,
        reference: str | None = None,
    ) -> Iterator[Refund]:
        """Refunds that the key may see, newest recorded first."""
        filters = {"transaction_id": transaction_id, "merchant_id": merchant_id, "reference": reference}
        return read_all(self._sender, path("refunds"), Refund, filters)

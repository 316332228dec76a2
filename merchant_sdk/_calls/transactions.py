"""`client.transactions`: sales, reported singly and in batches; `client.figures`: what they come to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, Unpack

from merchant_sdk._answers.figures import Figures, FiguresNow, SilentShops
from merchant_sdk._answers.refunds import Refund, RefundResult
from merchant_sdk._answers.sales import BatchResult, Quote, Summary, Transaction
from merchant_sdk._calls import batches
from merchant_sdk._calls.pages import Sends, read_all
from merchant_sdk._calls.refund_bodies import RefundBody
from merchant_sdk._calls.refund_bodies import body_of as refund_body_of
from merchant_sdk._calls.refunds import REFUNDS
from merchant_sdk._calls.sales import Sale, body_of
from merchant_sdk._http.wire import day, given, path


def _result(index: int, body: batches.Body, row: Mapping[str, Any]) -> BatchResult:
    status, transaction = batches.status_of(row, "transaction"), row.get("transaction")
    if transaction:
        return BatchResult(index, body.get("reference"), status, Transaction.read(transaction))
    return BatchResult(index, body.get("reference"), status, problem=row["problem"])


SALES = batches.Kind(path("transactions", "batch"), "transactions", body_of, _result)


class Transactions:
    """Sales. Every call raises QuantongError; where a sale is given, also ValueError and TypeError."""

    def __init__(self, sender: Sends) -> None:
        self._sender = sender

    def report(self, *, idempotency_key: str | None = None, **sale: Unpack[Sale]) -> Transaction:
        """Reports a sale (see Sale); one whose `reference` is on record gives the first answer again.

        `points_to_spend` are spent all or not at all: ValidationError with the pointer `/points_to_spend` where they
        can't be, MemberFrozen, SpendLocked. To spend, the `member_code` that the phone shows now is needed, or the
        `presence_token` of `members.resolve`: MemberCodeExpired, MemberCodeUsed. Raises ReferenceConflict where the reference is another sale's.
        """
        address, body = path("transactions"), body_of(sale)
        answer = self._sender.request("POST", address, json=body, idempotency_key=idempotency_key)
        return Transaction.read(answer)

    def quote(self, **sale: Unpack[Sale]) -> Quote:
        """What `report` would answer now; nothing is recorded."""
        return Quote.read(self._sender.request("POST", path("transactions", "quote"), json=body_of(sale)))

    def report_batch(
        self,
        sales: Iterable[Mapping[str, object]],
        *,
        batch_size: int = batches.BATCH_SIZE,
        workers: int = batches.WORKERS,
        on_progress: batches.Progress | None = None,
    ) -> Iterator[BatchResult]:
        """Reports sales (mappings as Sale) in batches and gives what became of each, as it becomes known.

        At most `workers` batches are on their way, and twice as many read ahead of the results taken. Sales
        keep their order within a batch; batches only do with one worker. A refused sale is a result with a
        `problem`, and stops nothing.
        `on_progress` is told, in the caller's thread, the number of sales answered so far.

        Where a call finally fails, or `sales` raises, nothing more is sent; the results of batches on their
        way come first, then the error is raised. Sales without a result may or may not be recorded: to report
        them again is safe. Leaving the iterator early waits for the batches on their way.
        """
        return batches.send_all(
            self._sender, SALES, sales, batch_size=batch_size, workers=workers, on_progress=on_progress
        )

    def refund(self, *, idempotency_key: str | None = None, **refund: Unpack[RefundBody]) -> Refund:
        """Gives back all or part of a sale (see RefundFields); a known `reference` gives the first answer again.

        Raises SaleNotRecordedYet where the sale isn't there (yet), ValidationError where more is given back than is
        left of it, ReferenceConflict where the reference is another refund's.
        """
        address, body = path("refunds"), refund_body_of(refund)
        return Refund.read(self._sender.request("POST", address, json=body, idempotency_key=idempotency_key))

    def refund_batch(
        self,
        refunds: Iterable[Mapping[str, object]],
        *,
        batch_size: int = batches.BATCH_SIZE,
        workers: int = batches.WORKERS,
        on_progress: batches.Progress | None = None,
    ) -> Iterator[RefundResult]:
        """Reports refunds (mappings as RefundBody) in batches, as `report_batch` reports sales: those come first."""
        return batches.send_all(
            self._sender, REFUNDS, refunds, batch_size=batch_size, workers=workers, on_progress=on_progress
        )

    def get(self, transaction_id: str) -> Transaction:
        """A sale, with today's status and balance."""
        return Transaction.read(self._sender.request("GET", path("transactions", transaction_id)))

    def list(
        self,
        *,
        member_id: str | None = None,
        merchant_id: str | None = None,
        store_id: str | None = None,
        reference: str | None = None,
        status: str | None = None,
        occurred_from: datetime | str | None = None,
        occurred_to: datetime | str | None = None,
        sort: str | None = None,
    ) -> Iterator[Transaction]:
        """Sales that the key may see, newest recorded first, or as `sort` says (`-amount`, `occurred_at`); `occurred_to` is the
        first instant left out.
        """
        filters = {
            "member_id": member_id,
            "merchant_id": merchant_id,
            "store_id": store_id,
            "reference": reference,
            "status": status,
            "occurred_from": occurred_from,
            "occurred_to": occurred_to,
            "sort": sort,
        }
        return read_all(self._sender, path("transactions"), Transaction, filters)

    def summary(self, on: date | str, store_id: str | None = None) -> Summary:
        """The totals of a day (in the district's time zone), of a store or of all that the key may see."""
        params = {"on": day(on), "store_id": store_id}
        return Summary.read(self._sender.request("GET", path("transactions", "summary"), params=params))

    def claim(
        self,
        transaction_id: str,
        member_id: str | None = None,
        *,
        member_code: str | None = None,
        idempotency_key: str | None = None,
    ) -> Transaction:
        """Gives an unclaimed sale to a member, named by id or by the code shown now. Raises Conflict where another has it."""
        address, body = (
            path("transactions", transaction_id, "claim"),
            given(member_id=member_id, member_code=member_code),
        )
        answer = self._sender.request("POST", address, json=body, idempotency_key=idempotency_key)
        return Transaction.read(answer)

    def of_receipt(self, secret: str) -> Transaction:
        """The sale of a receipt, by the 26 characters that end its link; the receipt stays whose it is.

        Raises NotFound for a wrong one, and for the receipt of a shop whose sales the key may not see; RateLimited.
        """
        return Transaction.read(self._sender.request("POST", path("receipts", "resolve"), json={"secret": secret}))


class FiguresCalls:
    """Figures, some seconds behind what happens. Every call raises QuantongError."""

    def __init__(self, sender: Sends) -> None:
        self._sender = sender

    def read(self, code: str, first: date | str, last: date | str, *, by: str = "day") -> Figures:
        """A figure such as `sales.net` from one local day to another, both included."""
        params = {"code": code, "from": day(first), "to": day(last), "by": by}
        return Figures.read(self._sender.request("GET", path("figures"), params=params))

    def now(self, *, days: int = 1) -> FiguresNow:
        """Today (or the last 7 or 30 days) against the same days before, until the same minute."""
        return FiguresNow.read(self._sender.request("GET", path("figures", "now"), params={"days": str(days)}))

    def silent_shops(self, *, hours: int | None = None) -> SilentShops:
        """Shops that have sold before, but not for some hours (48 where nothing is said)."""
        params = given(hours=hours)
        return SilentShops.read(self._sender.request("GET", path("figures", "silent-shops"), params=params))

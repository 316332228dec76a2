"""`client.reconciliation`: the bank's statement against payments; with a district's key only."""

from __future__ import annotations

from merchant_sdk._answers.payments import BankStatement, Reconciliation
from merchant_sdk._calls.pages import Sends
from merchant_sdk._http.wire import path


class ReconciliationCalls:
    """Bank statements. Every call raises QuantongError."""

    def __init__(self, sender: Sends) -> None:
        self._sender = sender

    def take(self, content: bytes, *, idempotency_key: str | None = None) -> BankStatement:
        """Sends a statement of the bank account (CSV, XLSX); each line counts once."""
        answer = self._sender.upload(path("bank-statements"), content, params={}, idempotency_key=idempotency_key)
        return BankStatement.read(answer)

    def read(self) -> Reconciliation:
        """What is left on either side."""
        return Reconciliation.read(self._sender.request("GET", path("reconciliation")))

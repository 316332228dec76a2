"""`client.payments`: money that parties are asked for and are to get; with a district's key only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Literal

from merchant_sdk._answers.payments import Payment
from merchant_sdk._calls.pages import Sends, read_all
from merchant_sdk._http.wire import day, given, path


class Payments:
    """Payments. Every call raises QuantongError."""

    def __init__(self, sender: Sends) -> None:
        self._sender = sender

    def list(
        self,
        *,
        state: str | None = None,
        direction: Literal["in", "out"] | None = None,
        merchant_id: str | None = None,
        statement_id: str | None = None,
    ) -> Iterator[Payment]:
        """Payments, newest first."""
        filters = {"state": state, "direction": direction, "merchant_id": merchant_id, "statement_id": statement_id}
        return read_all(self._sender, path("payments"), Payment, filters)

    def get(self, payment_id: str) -> Payment:
        """A payment and every try at it."""
        return Payment.read(self._sender.request("GET", path("payments", payment_id)))

    def receive(
        self,
        *,
        bank_reference: str,
        booked_on: date | str,
        amount: int,
        merchant_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Payment:
        """Books money that has come in unasked: the district's own, or a merchant's."""
        body = given(bank_reference=bank_reference, booked_on=day(booked_on), amount=amount, merchant_id=merchant_id)
        return Payment.read(self._sender.request("POST", path("payments"), json=body, idempotency_key=idempotency_key))

    def confirm(
        self,
        payment_id: str,
        *,
        bank_reference: str,
        booked_on: date | str,
        amount: int,
        idempotency_key: str | None = None,
    ) -> Payment:
        """Says that the bank has moved it. The same slip again changes nothing."""
        body = {"bank_reference": bank_reference, "booked_on": day(booked_on), "amount": amount}
        address = path("payments", payment_id, "confirm")
        return Payment.read(self._sender.request("POST", address, json=body, idempotency_key=idempotency_key))

    def retry(self, payment_id: str, *, idempotency_key: str | None = None) -> Payment:
        """Tries a payment again that has failed or come back."""
        return self._act(payment_id, "retry", idempotency_key)

    def cancel(self, payment_id: str, *, idempotency_key: str | None = None) -> Payment:
        """Gives up a payment of which nothing is under way."""
        return self._act(payment_id, "cancel", idempotency_key)

    def _act(self, payment_id: str, verb: str, idempotency_key: str | None) -> Payment:
        address = path("payments", payment_id, verb)
        return Payment.read(self._sender.request("POST", address, idempotency_key=idempotency_key))

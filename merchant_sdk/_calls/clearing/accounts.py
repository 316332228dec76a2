"""How merchants are billed, and their deposits: calls of the alliance."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from merchant_sdk._answers.settlement_accounts import DepositMovement, MerchantExit, SettlementAccount
from merchant_sdk._calls.pages import Sends, read_all
from merchant_sdk._http.wire import day, given, path


class SettlementAccounts:
    """Merchants' settlement accounts. Every call raises QuantongError."""

    def __init__(self, sender: Sends) -> None:
        self._sender = sender

    def get(self, merchant_id: str) -> SettlementAccount:
        """How a merchant is billed."""
        return SettlementAccount.read(self._sender.request("GET", _of(merchant_id)))

    def change(self, merchant_id: str, **changes: object) -> SettlementAccount:
        """Changes what is named: `provider`, `credit_limit`, `beyond_limit`, `bank_details`; None takes away."""
        return SettlementAccount.read(self._sender.request("PATCH", _of(merchant_id), json=changes))

    def approve(self, merchant_id: str, *, idempotency_key: str | None = None) -> SettlementAccount:
        """Approves bank details that somebody else has changed."""
        address = path("merchants", merchant_id, "settlement-account", "approve")
        return SettlementAccount.read(self._sender.request("POST", address, idempotency_key=idempotency_key))

    def exit(self, merchant_id: str) -> MerchantExit:
        """How far a merchant that leaves has come."""
        return MerchantExit.read(self._sender.request("GET", path("merchants", merchant_id, "exit")))

    def leave(
        self,
        merchant_id: str,
        last_award_on: date | str,
        last_accept_on: date | str,
        *,
        idempotency_key: str | None = None,
    ) -> MerchantExit:
        """Says until when a merchant that leaves gives points, and takes points and coupons."""
        body = given(last_award_on=day(last_award_on), last_accept_on=day(last_accept_on))
        address = path("merchants", merchant_id, "exit")
        return MerchantExit.read(self._sender.request("POST", address, json=body, idempotency_key=idempotency_key))

    def write_off(self, merchant_id: str, *, idempotency_key: str | None = None) -> MerchantExit:
        """Lets the district bear what a merchant that has left still owes."""
        address = path("merchants", merchant_id, "exit", "write-off")
        return MerchantExit.read(self._sender.request("POST", address, idempotency_key=idempotency_key))

    def deposits(self, merchant_id: str) -> Iterator[DepositMovement]:
        """What a deposit was moved by, newest first."""
        return read_all(self._sender, path("merchants", merchant_id, "deposits"), DepositMovement, {})

    def move_deposit(
        self,
        merchant_id: str,
        amount: int,
        *,
        kind: str | None = None,
        reference: str | None = None,
        idempotency_key: str | None = None,
    ) -> DepositMovement:
        """Books what was `received` of a deposit, or `returned`."""
        address, body = path("merchants", merchant_id, "deposits"), given(kind=kind, amount=amount, reference=reference)
        answer = self._sender.request("POST", address, json=body, idempotency_key=idempotency_key)
        return DepositMovement.read(answer)


def _of(merchant_id: str) -> str:
    return path("merchants", merchant_id, "settlement-account")

"""The port by Stripe. An order goes out under its own key; what it became is found again by what we noted on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from stripe import BalanceTransaction, PaymentIntent, StripeClient, StripeError, Transfer

from app.payments.port import (
    Mandate,
    Order,
    Payer,
    PaymentOutcome,
    Provider,
    ProviderEntry,
    ProviderEntryKind,
    ProviderEvent,
)
from app.payments.stripe import outcomes, signatures
from app.payments.stripe.client import Credentials, client_of

ORDER = "order"
"""Under which an order's key is noted on what it makes."""
PAGE = 100
_KINDS: Mapping[str, ProviderEntryKind] = {
    "charge": "collection",
    "payment": "collection",
    "transfer": "payout",
    "refund": "reversal",
    "payment_refund": "reversal",
    "transfer_refund": "reversal",
    "stripe_fee": "fee",
}


class Stripe(Provider):
    """One account. `returns_to`: the page to which a customer comes back."""

    def __init__(self, address: str, credentials: Credentials, returns_to: str) -> None:
        self._credentials = credentials
        self._returns_to = returns_to
        self.client: StripeClient = client_of(address, credentials.secret_key)

    def ensure_customer(self, party: Payer) -> str:
        """A customer, made once for a party's id: the key is the party's. Raises StripeError."""
        made = self.client.v1.customers.create(
            {"name": party.name, "metadata": {"party": party.id}}, {"idempotency_key": f"customer:{party.id}"}
        )
        return made.id

    def begin_mandate(self, customer: str) -> Mandate:
        """A page of Stripe's on which a customer gives what is charged later. Raises StripeError."""
        session = self.client.v1.checkout.sessions.create(
            {"mode": "setup", "customer": customer, "currency": "cny", "success_url": self._returns_to}
        )
        return Mandate(session.id, url=session.url)

    def collect(self, order: Order) -> PaymentOutcome:
        """Charges what the customer gave last, while it is away."""
        try:
            method = self._method_of(order.customer)
            if method is None:
                return PaymentOutcome("failed", code="no-mandate", final=True)
            intent = self.client.v1.payment_intents.create(
                {
                    "amount": order.amount,
                    "currency": order.currency.lower(),
                    "customer": order.customer or "",
                    "payment_method": method,
                    "confirm": True,
                    "off_session": True,
                    "error_on_requires_action": True,
                    "metadata": _noted(order),
                },
                {"idempotency_key": order.key},
            )
        except StripeError as error:
            return outcomes.of_error(error)
        return outcomes.of_intent(intent)

    def _method_of(self, customer: str | None) -> str | None:
        if not customer:
            return None
        methods = self.client.v1.payment_methods.list({"customer": customer, "limit": 1}).data
        return methods[0].id if methods else None

    def pay_out(self, order: Order) -> PaymentOutcome:
        """Transfers to the customer, who is a connected account (`acct_…`), what the account has."""
        if not _is_account(order.customer):
            return PaymentOutcome("failed", code="no-account", final=True)
        try:
            transfer = self.client.v1.transfers.create(
                {
                    "amount": order.amount,
                    "currency": order.currency.lower(),
                    "destination": order.customer or "",
                    "transfer_group": order.payment_id,
                    "metadata": _noted(order),
                },
                {"idempotency_key": order.key},
            )
        except StripeError as error:
            return outcomes.of_error(error)
        return outcomes.of_transfer(transfer)

    def reverse(self, order: Order, reference: str) -> PaymentOutcome:
        """Refunds a charge, or takes a transfer back."""
        once: Any = {"idempotency_key": f"{order.key}:reverse"}
        noted: Any = {"amount": order.amount, "metadata": _noted(order)}
        try:
            if _is_account(order.customer):
                done = self.client.v1.transfers.reversals.create(reference, noted, once).id
            else:
                done = self.client.v1.refunds.create(noted | {"payment_intent": reference}, once).id
        except StripeError as error:
            return outcomes.of_error(error)
        return PaymentOutcome("succeeded", done)

    def look_up(self, order: Order) -> PaymentOutcome | None:
        """Lists what was made for the customer: lists know at once what search learns within a minute."""
        try:
            if _is_account(order.customer):
                transfers = self.client.v1.transfers.list({"transfer_group": order.payment_id, "limit": PAGE})
                found = [outcomes.of_transfer(one) for one in transfers.auto_paging_iter() if _is_of(order, one)]
            else:
                intents = self.client.v1.payment_intents.list({"customer": order.customer or "", "limit": PAGE})
                found = [outcomes.of_intent(one) for one in intents.auto_paging_iter() if _is_of(order, one)]
        except StripeError as error:
            return PaymentOutcome("unknown", code=type(error).__name__)
        return next((one for one in found if one.state != "failed"), found[0] if found else None)

    def read_event(self, raw: bytes, headers: Mapping[str, str], now: datetime) -> ProviderEvent:
        """An event that was signed within five minutes of now. Raises ValueError."""
        return signatures.read_event(raw, headers, now, self._credentials)

    def entries(self, since: datetime, until: datetime) -> Iterable[ProviderEntry]:
        """The account's balance transactions, by what they are of. Raises StripeError."""
        span: Any = {"gte": int(since.timestamp()), "lt": int(until.timestamp())}
        found = self.client.v1.balance_transactions.list({"created": span, "limit": PAGE, "expand": ["data.source"]})
        return map(_entry, found.auto_paging_iter())


def _noted(order: Order) -> dict[str, str]:
    return {**order.metadata, ORDER: order.key}


def _is_of(order: Order, made: PaymentIntent | Transfer) -> bool:
    return bool(getattr(made.metadata, ORDER, None) == order.key)


def _is_account(customer: str | None) -> bool:
    return (customer or "").startswith("acct_")


def _entry(line: BalanceTransaction) -> ProviderEntry:
    source: Any = line.source
    reference = getattr(source, "payment_intent", None) if line.type in ("charge", "payment") else None
    return ProviderEntry(
        reference=reference or getattr(source, "id", None) or line.id,
        amount=line.amount,
        fee=line.fee,
        net=line.net,
        booked_at=datetime.fromtimestamp(line.created, UTC),
        kind=_KINDS.get(line.type, "other"),
    )

"""`client.provider`, a district's own account at a payment provider; `client.billing`, what districts pay the operator."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from merchant_sdk._answers.money.billing import Billing, PaymentProvider, Plan
from merchant_sdk._calls.pages import Sends, read_all
from merchant_sdk._http.wire import given, path


class Provider:
    """The district's account at Stripe. Every call raises QuantongError."""

    def __init__(self, sender: Sends) -> None:
        self._sender = sender

    def get(self) -> PaymentProvider:
        """Which account moves the district's money."""
        return PaymentProvider.read(self._sender.request("GET", path("payment-provider")))

    def set(
        self, *, account: str, secret_key: str, webhook_secret: str, idempotency_key: str | None = None
    ) -> PaymentProvider:
        """Sets it. Events that the secret before has signed are taken too."""
        body = {"account": account, "secret_key": secret_key, "webhook_secret": webhook_secret}
        answer = self._sender.request("POST", path("payment-provider"), json=body, idempotency_key=idempotency_key)
        return PaymentProvider.read(answer)


class BillingCalls:
    """What districts pay the operator. Every call raises QuantongError."""

    def __init__(self, sender: Sends) -> None:
        self._sender = sender

    def get(self) -> Billing:
        """What the key's district pays, and how that stands."""
        return Billing.read(self._sender.request("GET", path("billing")))

    def begin_mandate(self, *, idempotency_key: str | None = None) -> str:
        """The address of the provider's page on which a card or account is given."""
        answer = self._sender.request("POST", path("billing", "mandate"), idempotency_key=idempotency_key)
        return str(answer["url"])

    def plans(self) -> Iterator[Plan]:
        """The operator's plans, newest first."""
        return read_all(self._sender, path("plans"), Plan, {})

    def create_plan(
        self,
        *,
        name: str,
        base_amount: int,
        sale_amount: Decimal | str,
        currency: str | None = None,
        trial_days: int | None = None,
        idempotency_key: str | None = None,
    ) -> Plan:
        """Adds a plan: minor units a month, and for each sale."""
        body = given(
            name=name, base_amount=base_amount, sale_amount=str(sale_amount), currency=currency, trial_days=trial_days
        )
        return Plan.read(self._sender.request("POST", path("plans"), json=body, idempotency_key=idempotency_key))

    def of(self, district_id: str) -> Billing:
        """What a district pays, for the operator."""
        return Billing.read(self._sender.request("GET", path("districts", district_id, "billing")))

    def agree(
        self, district_id: str, plan_id: str, *, trial_days: int | None = None, idempotency_key: str | None = None
    ) -> Billing:
        """Gives a district a plan."""
        body = given(plan_id=plan_id, trial_days=trial_days)
        address = path("districts", district_id, "billing")
        return Billing.read(self._sender.request("POST", address, json=body, idempotency_key=idempotency_key))

    def end(self, district_id: str, *, idempotency_key: str | None = None) -> Billing:
        """Ends a district's subscription."""
        address = path("districts", district_id, "billing", "end")
        return Billing.read(self._sender.request("POST", address, idempotency_key=idempotency_key))

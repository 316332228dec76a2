"""What a district pays and is paid through: `client.provider`, its own account at a payment provider."""

from __future__ import annotations

from merchant_sdk._answers.money.billing import PaymentProvider
from merchant_sdk._calls.pages import Sends
from merchant_sdk._http.wire import path


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

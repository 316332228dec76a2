"""Stripe's client as we want it: patient for seconds only, retrying nothing by itself, and silent about what it sends."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

import stripe
from stripe import RequestsClient, StripeClient

CONNECT_SECONDS, READ_SECONDS = 3, 10
LIVE, TEST = ("sk_live_", "rk_live_"), ("sk_test_", "rk_test_")

stripe.enable_telemetry = False
logging.getLogger("stripe").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Credentials:
    """Of one account: `account` is its name, `webhook_secrets` sign its events: the current one, and the one before."""

    account: str
    secret_key: str = field(repr=False)
    webhook_secrets: tuple[str, ...] = field(repr=False)

    @property
    def is_live(self) -> bool:
        """Whether it moves money."""
        return self.secret_key.startswith(LIVE)


def client_of(address: str, secret_key: str) -> StripeClient:
    """A client of an account. A retry is ours to decide: whoever sends an order again uses its key."""
    return StripeClient(
        secret_key,
        base_addresses={"api": address},
        http_client=RequestsClient(timeout=(CONNECT_SECONDS, READ_SECONDS)),
        max_network_retries=0,
    )

"""A process that sends a payment and stops once the provider has charged, before it is noted."""

from __future__ import annotations

import sys

from app.factory import create_app
from app.payments import sending
from app.payments.stripe.adapter import Stripe
from tests.factories.stopped import Stop


def main(district_id: str, payment_id: str) -> None:
    """Sends."""
    Stripe.collect = Stop(at=1).after(Stripe.collect)  # type: ignore[method-assign]
    with create_app().app_context():
        sending.send(district_id, payment_id)


if __name__ == "__main__":
    main(*sys.argv[1:3])

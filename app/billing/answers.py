"""What this room answers."""

from __future__ import annotations

from app.billing.rules import STATUSES
from app.foundation.http.contract.shapes import (
    flag,
    instant,
    integer,
    list_of,
    nullable,
    one_of,
    page_of,
    public_id,
    record,
    text,
    thing,
)

PLAN = thing(
    "plan",
    {
        "id": public_id("pln"),
        "name": text("Street"),
        "currency": text("CNY"),
        "base_amount": integer(29_900, description="A month, in minor units."),
        "sale_amount": text("0.5", description="For each sale, in minor units."),
        "trial_days": integer(30),
        "created_at": instant(),
    },
)
PLANS = page_of(PLAN)
_INVOICE = record(
    {
        "number": nullable(text("INV-00012")),
        "status": text("paid", description="As the provider calls it: draft, open, paid, void, uncollectible."),
        "currency": text("CNY"),
        "amount": integer(30_412),
        "paid_amount": integer(30_412),
        "page": nullable(text("https://invoice.stripe.com/i/acct_1/test_1", description="Where it is shown and paid.")),
        "issued_at": instant(),
    },
    title="BillingInvoice",
)
BILLING = thing(
    "billing",
    {
        "status": nullable(one_of(*STATUSES)),
        "plan": nullable(
            record(
                {
                    "id": public_id("pln"),
                    "name": text("Street"),
                    "currency": text("CNY"),
                    "base_amount": integer(29_900),
                    "sale_amount": text("0.5"),
                },
                title="AgreedPlan",
            )
        ),
        "trial_ends_at": nullable(instant()),
        "period_ends_at": nullable(instant()),
        "has_mandate": flag(),
        "retry_at": nullable(instant()),
        "is_read_only": flag(),
        "invoices": list_of(_INVOICE),
    },
)
MANDATE = thing("mandate", {"url": text("https://checkout.stripe.com/c/pay/cs_test_1")})

"""What this room answers."""

from __future__ import annotations

from app.foundation.http.contract.shapes import (
    day,
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
from app.payments.queries import ACCOUNTS
from app.payments.rules import DIRECTIONS, STATES

_ATTEMPT = record(
    {
        "number": integer(1),
        "provider": text("manual"),
        "state": one_of(*STATES),
        "reference": nullable(text("20260415-000731", description="The bank's or the provider's own number for it.")),
        "code": nullable(text("insufficient-funds", description="Why it failed.")),
        "amount": nullable(integer(41_000, description="What has moved; null while nothing has.")),
        "booked_on": nullable(day()),
        "started_at": instant(),
        "ended_at": nullable(instant()),
    },
    title="PaymentAttempt",
)
PAYMENT = thing(
    "payment",
    {
        "id": public_id("pay"),
        "party": record(
            {"kind": one_of("merchant", "district", "public"), "id": text("mer_0193f2a1c0de7b5c9a4e2d6f81b3c507")},
            title="Party",
        ),
        "account": one_of(*ACCOUNTS),
        "direction": one_of(*DIRECTIONS),
        "amount": integer(41_000),
        "paid_amount": integer(
            41_000, description="What has moved, less what came back; more than `amount` is carried on."
        ),
        "currency": text("CNY"),
        "statement_id": nullable(public_id("stm")),
        "due_on": nullable(day()),
        "provider": text("manual"),
        "state": one_of(*STATES),
        "code": nullable(text("insufficient-funds")),
        "retry_at": nullable(instant()),
        "may": list_of(one_of("confirm", "retry", "cancel"), description="What can be done with it now."),
        "attempts": list_of(_ATTEMPT),
        "created_at": instant(),
        "changed_at": instant(),
    },
)
PAYMENTS = page_of(PAYMENT)

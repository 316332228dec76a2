"""What this wing answers."""

from __future__ import annotations

from app.foundation.http.contract.shapes import flag, instant, nullable, one_of, text, thing

PROVIDER = thing(
    "payment_provider",
    {
        "provider": one_of("stripe"),
        "account": nullable(text("acct_1NvX2sTlR8", description="Null where none is set.")),
        "key_hint": nullable(text("TlR8", description="How its key ends; the key itself is never shown.")),
        "is_live": flag(),
        "events_url": text("https://points.example.com/v1/provider-events/dis_0193f2a1c0de7b5c9a4e2d6f81b3c507"),
        "changed_at": nullable(instant()),
    },
)
RECEIVED = thing("provider_event", {"received": flag()})

"""`docs/events.md`: every kind of event, made from its class, so that the page says what goes over the wire."""

from __future__ import annotations

import importlib.util
import pkgutil
import types
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, Union, get_args, get_origin, get_type_hints

import orjson

import app
from app.foundation.database.outbox import Event
from app.messaging.parcels import show_event

_HEAD = """# Events

Made from the code by `quantong events-page`. An event is written in the commit of what it tells, listed at
`GET /v1/events`, and sent to the webhook endpoints that want it: by its type, by `points.*`, or by `*`. Each comes at
least once, under one stable id (`webhook-id`); their order is not promised. They carry ids and figures, never personal
data. The alliance is told every event; a merchant those that name it in `merchant_id`. Fields may be added.

Over the wire (signed as [Standard Webhooks](https://www.standardwebhooks.com) has it):

```json
"""
_DIGITS = "0193d5a2b6f47c3e8a1b2c3d4e5f6a7b"
_PREFIXES = {
    "plan_id": "pln",
    "adjustment_id": "adj",
    "campaign_id": "cam",
    "case_id": "cas",
    "cashier_id": "csh",
    "code_batch_id": "cbt",
    "correction_id": "cor",
    "coupon_id": "cpn",
    "deposit_id": "dep",
    "dispute_id": "dsp",
    "district_id": "dis",
    "endpoint_id": "whe",
    "expiry_id": "exp",
    "into_id": "mem",
    "member_id": "mem",
    "merchant_id": "mer",
    "other_transaction_id": "txn",
    "previous_tier_id": "tir",
    "payment_id": "pay",
    "period_id": "per",
    "redemption_id": "red",
    "refund_id": "rfd",
    "remaining_tier_id": "tir",
    "rule_set_id": "rls",
    "session_id": "ses",
    "statement_id": "stm",
    "store_id": "str",
    "tier_id": "tir",
    "till_id": "til",
    "transaction_id": "txn",
}
_EXAMPLES: dict[str, Any] = {
    "account": "settlement",
    "previous_status": "trialing",
    "status": "active",
    "amount": 12800,
    "attempt": 1,
    "code": "insufficient-funds",
    "controller": "district",
    "credit_limit": 100_000,
    "days": 30,
    "deposit": 50_000,
    "movement": "received",
    "closing": 1111,
    "effective_from": "2026-03-01",
    "eligible_amount": 12800,
    "exposure": 81_000,
    "last_accept_on": "2026-07-31",
    "last_award_on": "2026-06-30",
    "written_off": 230,
    "is_paused": False,
    "fields": ("pending_days",),
    "granted": True,
    "money_amount": 12800,
    "net_position": 1111,
    "number": 2,
    "old_phone": None,
    "outcome": "accepted",
    "owed": 0,
    "on": "2026-12-31",
    "paid_amount": 12800,
    "by_coupon": False,
    "direction": "in",
    "discount_amount": 1000,
    "discount_reversed": 0,
    "points_returned_in": "cvd_" + _DIGITS,
    "transaction_status": "refunded",
    "phone_indexes": (),
    "points": 128,
    "points_earned": 128,
    "points_owed": 0,
    "points_restored": 0,
    "points_reversed": 128,
    "points_spent": 0,
    "pool": 340,
    "purpose": "membership",
    "quantity": 500,
    "rank": 2,
    "sessions": 1280,
    "side": "merchant",
    "reasons": ("same-member",),
    "reason": "no success for 24 hours",
    "version": 3,
    "will_retry": False,
    "way": "purchase",
}
_WORDS: dict[Any, str] = {str: "string", int: "integer", bool: "boolean", float: "number", type(None): "null"}


def load_rooms() -> None:
    """Imports the events of every room and wing."""
    for room in pkgutil.walk_packages(app.__path__, "app."):
        if room.ispkg and importlib.util.find_spec(f"{room.name}.events"):
            importlib.import_module(f"{room.name}.events")


def kinds(of: type[Event] = Event) -> list[type[Event]]:
    """Every kind of event that the rooms declare, by type."""
    if of is Event:
        load_rooms()
    rooms = [kind for kind in of.__subclasses__() if kind.__module__.startswith("app.")]
    found = {kind.__qualname__: kind for child in rooms for kind in (child, *kinds(child))}
    return sorted(found.values(), key=lambda kind: kind.type)  # `slots=True` leaves an unslotted twin, made before


def events_page() -> str:
    """The text of the page. Raises KeyError for a field that has no example here."""
    shown = kinds()
    first = next(kind for kind in shown if kind.type == "transaction.recorded")
    at = datetime(2026, 1, 1, 12, 15, tzinfo=UTC)
    message = show_event(f"evt_{_DIGITS}", first.type, example(first), at, f"dis_{_DIGITS}")
    index = "".join(f"| [`{kind.type}`](#{_anchor(kind)}) | {_doc(kind)[0]} |\n" for kind in shown)
    parts = [_HEAD + _json(message) + "\n```\n\n| type | tells that |\n| --- | --- |\n" + index]
    return "\n".join([*parts, *map(_section, shown)])


def example(kind: type[Event]) -> dict[str, Any]:
    """A payload of this kind, as a subscriber gets it."""
    event = kind(**{field.name: _example_of(field.name) for field in fields(kind)})
    payload: dict[str, Any] = orjson.loads(orjson.dumps(event.payload()))
    return payload


def _example_of(name: str) -> Any:
    return f"{_PREFIXES[name]}_{_DIGITS}" if name in _PREFIXES else _EXAMPLES[name]


def _section(kind: type[Event]) -> str:
    payload, hints = example(kind), get_type_hints(kind)
    rows = "".join(f"| `{name}` | {_word(hints.get(name, type(payload[name])))} |\n" for name in payload)
    doc = "\n\n".join(_doc(kind))
    table = "| field | type |\n| --- | --- |\n" + rows
    return (
        f"## `{kind.type}`\n\n{doc}\n\n**To:** {_readers(payload, hints)}.\n\n{table}\n```json\n{_json(payload)}\n```\n"
    )


def _readers(payload: dict[str, Any], hints: dict[str, Any]) -> str:
    if "merchant_id" not in payload:
        return "the alliance"
    optional = type(None) in get_args(hints.get("merchant_id"))
    return "the alliance" + (", and the merchant if one is named" if optional else " and the merchant")


def _doc(kind: type[Event]) -> list[str]:
    """The paragraphs of a class's docstring; a dataclass without one has its signature there instead."""
    text = kind.__doc__ or ""
    assert text and not text.startswith(f"{kind.__name__}("), f"{kind.__name__} needs a docstring: the page shows it"
    return [" ".join(part.split()) for part in text.strip().split("\n\n")]


def _word(kind: Any) -> str:
    if get_origin(kind) in (Union, types.UnionType):
        return " or ".join(map(_word, get_args(kind)))
    if get_origin(kind) in (tuple, list):
        return f"array of {_word(get_args(kind)[0])}s"
    return _WORDS[kind]


def _anchor(kind: type[Event]) -> str:
    return kind.type.replace(".", "")


def _json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()

"""What an export was asked for, in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from app.console.figure_words import FIGURE_NAMES, GROUP_NAMES
from app.coupons.campaigns import queries as campaigns
from app.districts import queries as districts
from app.foundation.clock import parse_instant
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import Words, said
from app.foundation.i18n import words as _l
from app.members import queries as members
from app.pages import formats

Filter = Mapping[str, str]
_NAMES: Mapping[str, Words] = {
    "member_id": _l("Member number"),
    "merchant_id": _l("Merchant"),
    "store_id": _l("Store"),
    "campaign_id": _l("Campaign"),
    "transaction_id": _l("Transaction"),
    "reference": _l("Reference"),
    "status": _l("State"),
    "state": _l("State"),
    "step": _l("State"),
    "occurred_from": _l("From"),
    "occurred_to": _l("Until"),
    "from": _l("From"),
    "to": _l("Until"),
    "sort": _l("Order"),
    "phone": _l("Phone"),
    "number": _l("Member number"),
    "tag": _l("Tag"),
    "search": _l("Name or code"),
    "name": _l("Name"),
    "category": _l("Category"),
    "zone": _l("Zone"),
    "actor_id": _l("Id of who"),
    "action": _l("What"),
    "subject_id": _l("Id of what"),
    "code": _l("Figure"),
    "by": _l("By"),
}
_VALUES: Mapping[str, Words] = {
    "recorded": _l("Recorded"),
    "partially_refunded": _l("Partly refunded"),
    "refunded": _l("Refunded"),
    "issued": _l("Issued"),
    "reserved": _l("Held"),
    "redeemed": _l("Redeemed"),
    "expired": _l("Expired"),
    "voided": _l("Taken back"),
    "amount": _l("Smallest bill first"),
    "-amount": _l("Largest bill first"),
    "occurred_at": _l("Earliest first"),
    "-occurred_at": _l("Latest first"),
    "name": _l("By name"),
    "-name": _l("By name, backwards"),
}


def filters_in_words(uow: UnitOfWork, wanted: Collection[Filter], zone: str) -> list[list[tuple[Words, str]]]:
    """Filters as pairs of what is told apart and how, in as few questions as there are kinds of names in them."""
    fields = {name for one in wanted for name in one}
    named = {one["member_id"] for one in wanted if "member_id" in one}
    shops = districts.open_shops(uow) if "store_id" in fields else []
    names: dict[str, str] = {
        **(districts.merchant_names(uow) if "merchant_id" in fields else {}),
        **{one.store_id: f"{one.merchant} · {one.name}" for one in shops},
        **(campaigns.names(uow) if "campaign_id" in fields else {}),
        **{member: number for member, (number, _) in (members.ask_holders(uow, named)() if named else {}).items()},
    }
    return [[(_NAMES[name], _value(name, text, names, zone)) for name, text in one.items()] for one in wanted]


def _value(name: str, text: str, names: Mapping[str, Any], zone: str) -> str:
    if name in ("occurred_from", "occurred_to", "from", "to"):
        return formats.day(date.fromisoformat(text)) if len(text) == 10 else formats.moment(parse_instant(text), zone)
    if name in ("code", "by"):
        return said((FIGURE_NAMES if name == "code" else GROUP_NAMES)[text])
    if name in ("status", "state", "step", "sort"):
        return said(_VALUES[text]) if text in _VALUES else text
    return str(names.get(text, text))

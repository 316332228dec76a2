"""What pages of this wing call whom, and how they write prices and periods."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.console.around import around
from app.districts import queries as districts
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import Words, said
from app.foundation.i18n import words as _l
from app.settlement.evidence.names import LINES

PARTIES: Mapping[str, Words] = {"district": _l("The district"), "public": _l("Public purse")}

PAYMENTS: Mapping[str, Words] = {
    "draft": _l("Waits to be paid"),
    "sent": _l("On its way"),
    "unknown": _l("Outcome not known"),
    "failed": _l("Failed"),
    "succeeded": _l("Has been paid"),
    "returned": _l("Came back"),
    "cancelled": _l("Cancelled"),
}
PROVIDERS: Mapping[str, Words] = {
    "manual": _l("By hand"),
    "bank_file": _l("By a bank’s file"),
    "stripe": _l("By Stripe"),
}
DEPOSITS: Mapping[str, Words] = {
    "received": _l("Received"),
    "returned": _l("Given back"),
    "set_off": _l("Set off"),
}

REASONS: Mapping[str, Words] = {
    "not-ours": _l("It isn’t ours"),
    "wrong-amount": _l("The sum is wrong"),
    "duplicate": _l("It is counted twice"),
    "missing": _l("Something is missing"),
}
DISPUTES: Mapping[str, Words] = {
    "open": _l("Waits for an answer"),
    "accepted": _l("Granted"),
    "rejected": _l("Rejected"),
    "withdrawn": _l("Withdrawn"),
}


def choices(words: Mapping[str, Words]) -> list[tuple[str, str]]:
    """To choose from, in the reader's language."""
    return [(name, said(one)) for name, one in words.items()]


def surroundings(uow: UnitOfWork) -> dict[str, Any]:
    """How sums and days are written, and what parties and lines are called."""
    return {**around(uow), "merchant_names": districts.merchant_names(uow), "party_names": PARTIES, "line_names": LINES}

"""What pages of this wing call whom, and how they write prices and periods."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.console.around import around
from app.districts import queries as districts
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import Words
from app.foundation.i18n import words as _l
from app.settlement.evidence.names import LINES

PARTIES: Mapping[str, Words] = {"district": _l("The district"), "public": _l("Public purse")}


def surroundings(uow: UnitOfWork) -> dict[str, Any]:
    """How sums and days are written, and what parties and lines are called."""
    return {**around(uow), "merchant_names": districts.merchant_names(uow), "party_names": PARTIES, "line_names": LINES}

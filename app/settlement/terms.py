"""The terms of settlement: numbered versions that never change, each from the start of a period that hasn't begun."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypedDict
from zoneinfo import ZoneInfo

from app.districts import queries as districts
from app.foundation.clock import start_of_day
from app.foundation.database.sql_arrays import id_array, text_array, unnested
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import Words
from app.foundation.i18n import words as _l
from app.foundation.ids import new_id
from app.foundation.problems import NotFound, ValidationFailed
from app.settlement import periods, queries
from app.settlement.events import SettlementTermsPublished
from app.settlement.models import SettlementTerms
from app.settlement.rules import is_boundary

MOST_DAYS = 400
"""So far back, or ahead, terms may begin: what was recorded before the first ones is of their first period."""
_OVERRIDES = f"""
    INSERT INTO price_overrides (district_id, version, merchant_id, issue_price, redemption_price)
    VALUES (%(district)s::uuid, %(version)s,
            {unnested(merchants="uuid", issue_prices="numeric", redemption_prices="numeric")})
"""


class Override(TypedDict):
    """Other prices for one merchant."""

    merchant_id: str
    issue_price: Decimal
    redemption_price: Decimal


def publish(uow: UnitOfWork, *, effective_from: date, overrides: Sequence[Override], **fields: Any) -> SettlementTerms:
    """Adds the next version of the terms. The first one holds for all that was recorded before, too.

    Raises NotFound for another's merchant, ValidationFailed where it doesn't begin with a period that is to come.
    """
    _check_overrides(uow, overrides)
    earlier, zone = queries.versions(uow), ZoneInfo(districts.district(uow).time_zone)
    today = uow.now.astimezone(zone).date()
    why = _why_not_from(effective_from, earlier[-1], today) if earlier else _why_not_first(effective_from, today)
    if why is not None:
        raise ValidationFailed.at("/effective_from", "out-of-range", why)
    row = SettlementTerms(
        district_id=uow.district_id,
        id=new_id("trm"),
        version=len(earlier) + 1,
        effective_from=effective_from,
        starts_at=start_of_day(effective_from, zone),
        principal_id=uow.principal.id,
        created_at=uow.now,
        **fields,
    )
    uow.session.add(row)
    uow.session.flush()
    _write_overrides(uow, row.version, overrides)
    periods.open_due(uow)
    uow.emit(SettlementTermsPublished(row.version, effective_from.isoformat()))
    return row


def _why_not_first(day: date, today: date) -> Words | None:
    if abs((day - today).days) > MOST_DAYS:
        return _l("At most %(days)s days from now.", days=MOST_DAYS)
    return None


def _why_not_from(day: date, last: SettlementTerms, today: date) -> Words | None:
    if day <= max(today, last.effective_from):
        return _l("New terms begin with a period that hasn't begun, and after those before.")
    if (why := _why_not_first(day, today)) is not None:
        return why
    return None if is_boundary(day, last.period) else _l("New terms begin on the first day of a period.")


def _check_overrides(uow: UnitOfWork, overrides: Sequence[Override]) -> None:
    known, seen = districts.merchant_names(uow) if overrides else {}, set[str]()
    for place, one in enumerate(overrides):
        pointer, merchant_id = f"/overrides/{place}/merchant_id", one["merchant_id"]
        if merchant_id not in known:
            raise NotFound.at(pointer, _l("merchant"))
        if merchant_id in seen:
            raise ValidationFailed.at(pointer, "duplicate", _l("A merchant has one pair of prices."))
        seen.add(merchant_id)


def _write_overrides(uow: UnitOfWork, version: int, overrides: Sequence[Override]) -> None:
    if not overrides:
        return
    ordered = sorted(overrides, key=lambda one: one["merchant_id"])
    values = {
        "version": version,
        "merchants": id_array([one["merchant_id"] for one in ordered]),
        "issue_prices": text_array([str(one["issue_price"]) for one in ordered]),
        "redemption_prices": text_array([str(one["redemption_price"]) for one in ordered]),
    }
    uow.write(_OVERRIDES, values)

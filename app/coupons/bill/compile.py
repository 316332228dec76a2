"""A campaign's terms as values: from JSON as it is kept. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from types import MappingProxyType
from typing import Any

from app.coupons.bill.terms import FUNDERS, AmountOff, Benefit, Exchange, PercentOff, Terms, Usable
from app.foundation.figures.time_windows import TimeWindow


def terms_of(campaign_id: str, kept: Mapping[str, Any]) -> Terms:
    """What a bill needs to know of a campaign."""
    return Terms(
        campaign_id,
        _benefit(kept),
        min_amount=kept["min_amount"],
        merchant_ids=frozenset(kept["merchant_ids"]),
        store_ids=frozenset(kept["store_ids"]),
        categories=frozenset(kept["categories"]),
        channels=frozenset(kept["channels"]),
        item_skus=frozenset(kept["item_skus"]),
        item_categories=frozenset(kept["item_categories"]),
        excluded_skus=frozenset(kept["excluded_skus"]),
        usable=_usable(kept["usable"]),
        stacking_group=kept["stacking_group"],
        exclusive=kept["exclusive"],
        with_points=kept["with_points"],
        earns_points=kept["earns_points"],
        funding=MappingProxyType({funder: kept["funding"][funder] for funder in FUNDERS}),
        sponsor_merchant_id=kept["sponsor_merchant_id"],
    )


def _benefit(kept: Mapping[str, Any]) -> Benefit:
    match kept["kind"]:
        case "amount_off":
            return AmountOff(kept["amount_off"])
        case "percent_off":
            return PercentOff(kept["percent_off"], kept["max_discount"])
        case "exchange":
            return Exchange(kept["sku"], kept["exchange_price"], kept["max_discount"])
        case kind:
            raise AssertionError(f"no campaign is of the kind {kind}")


def _usable(kept: Mapping[str, Any]) -> Usable:
    windows = kept["time_windows"]
    return Usable(
        frozenset(kept["weekdays"]),
        tuple(TimeWindow(time.fromisoformat(one["from"]), time.fromisoformat(one["to"])) for one in windows),
        frozenset(map(date.fromisoformat, kept["excluded_dates"])),
    )

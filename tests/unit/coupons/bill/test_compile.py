"""Terms of campaigns as they are kept, read for bills."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest

from app.coupons.bill.compile import terms_of
from app.coupons.bill.terms import AmountOff, Benefit, Exchange, PercentOff, Terms, Usable
from app.coupons.campaigns.schemas import CampaignBody
from app.foundation.figures.time_windows import TimeWindow

ALL_BY_DISTRICT = {"district": 100, "merchant": 0, "government": 0}
MERCHANT = "mer_" + "1" * 32


def kept(**fields: Any) -> dict[str, Any]:
    """A campaign as its body is kept."""
    plain = {"name": "Off", "validity": {"days_after_issue": 30}, "funding": ALL_BY_DISTRICT}
    return dict(CampaignBody().load({"kind": "amount_off", "amount_off": 1000, **plain, **fields}))


def of_kind(kind: str, **fields: Any) -> dict[str, Any]:
    return {name: value for name, value in kept().items() if value is not None and name != "amount_off"} | {
        "kind": kind,
        **fields,
    }


def test_what_is_left_out_limits_nothing() -> None:
    assert terms_of("cam_1", kept()) == Terms("cam_1", AmountOff(1000), funding=ALL_BY_DISTRICT)


@pytest.mark.parametrize(
    ("body", "benefit"),
    [
        (of_kind("percent_off", percent_off=12), PercentOff(12)),
        (of_kind("percent_off", percent_off=12, max_discount=5000), PercentOff(12, 5000)),
        (of_kind("exchange", sku="M", exchange_price=0), Exchange("M", 0)),
        (of_kind("exchange", sku="M", exchange_price=100, max_discount=900), Exchange("M", 100, 900)),
    ],
)
def test_each_kind_has_its_figures(body: dict[str, Any], benefit: Benefit) -> None:
    assert terms_of("cam_1", CampaignBody().load(body)).benefit == benefit


def test_every_field_is_read() -> None:
    lists = {"channels": ["till"], "categories": ["tea"], "item_skus": ["A", "B"], "excluded_skus": ["C"]}
    plain = {"min_amount": 10, "stacking_group": None, "exclusive": True, "with_points": False, "earns_points": False}
    windows = [{"from": "22:00", "to": "02:00"}]
    terms = terms_of(
        "cam_1",
        kept(
            **lists,
            **plain,
            merchant_ids=[MERCHANT],
            item_categories=["ware"],
            sponsor_merchant_id=MERCHANT,
            funding={"district": 5, "merchant": 15, "government": 80},
            usable={"weekdays": [5, 6], "time_windows": windows, "excluded_dates": ["2026-01-01"]},
        ),
    )
    assert terms == Terms(
        "cam_1",
        AmountOff(1000),
        **{name: frozenset(some) for name, some in lists.items()},
        **plain,
        merchant_ids=frozenset({MERCHANT}),
        item_categories=frozenset({"ware"}),
        sponsor_merchant_id=MERCHANT,
        funding={"district": 5, "merchant": 15, "government": 80},
        usable=Usable(frozenset({5, 6}), (TimeWindow(time(22), time(2)),), frozenset({date(2026, 1, 1)})),
    )

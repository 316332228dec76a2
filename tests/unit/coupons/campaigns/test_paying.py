"""What a coupon costs, and to whom."""

from __future__ import annotations

from typing import Any

import pytest

from app.coupons.campaigns.paying import price_of


@pytest.mark.parametrize(
    ("price", "district", "merchant", "sponsor", "wanted"),
    [
        (None, 100, 0, None, {}),
        (100, 100, 0, None, {"D": 100}),
        (100, 60, 40, "S", {"D": 60, "S": 40}),
        (101, 60, 40, "S", {"D": 61, "S": 40}),
        (1, 50, 50, "S", {"D": 1}),
        (7, 0, 100, "S", {"S": 7}),
        (9, 60, 40, None, {"D": 9}),
    ],
)
def test_the_funders_with_names_share_it(
    price: int | None, district: int, merchant: int, sponsor: str | None, wanted: dict[str, int]
) -> None:
    funding = {"district": district, "merchant": merchant, "government": 0}
    terms: dict[str, Any] = {"points_price": price, "funding": funding, "sponsor_merchant_id": sponsor}
    assert price_of(terms, "D") == wanted

"""Campaigns with every field that the API has, as hypothesis makes them: valid, whole, as they are kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from app.coupons.campaigns.schemas import CampaignBody, Trigger
from app.foundation.clock import format_instant

MERCHANTS, STORES, TIERS = ([f"{kind}_{number:032x}" for number in range(1, 4)] for kind in ("mer", "str", "tir"))
Strategy = st.SearchStrategy[Any]
_LETTERS = "aZ9é茶楼%/<>&\"'.-_#， "
WORDS = st.text(_LETTERS, min_size=1, max_size=12).filter(str.strip)
FEN = st.integers(1, 10**10)
COUNTS = st.none() | st.integers(1, 10**6)
CLOCKS = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
DAYS = st.dates(datetime(2020, 1, 1).date(), datetime(2040, 1, 1).date()).map(lambda day: day.isoformat())
_FIRST = datetime(2026, 1, 1, tzinfo=UTC)


def _few(of: Strategy, most: int = 3) -> Strategy:
    return st.lists(of, max_size=most, unique_by=str)


@st.composite
def spans(draw: st.DrawFn) -> dict[str, str]:
    """From an instant to another, to the microsecond; a second at least, which is what fields of time show."""
    start = _FIRST + draw(st.timedeltas(timedelta(0), timedelta(days=4_000)))
    return {
        "from": format_instant(start),
        "to": format_instant(start + draw(st.timedeltas(timedelta(seconds=1), timedelta(days=900)))),
    }


def _kinds() -> Strategy:
    most = st.none() | FEN
    return st.one_of(
        st.fixed_dictionaries({"kind": st.just("amount_off"), "amount_off": FEN}),
        st.fixed_dictionaries(
            {"kind": st.just("percent_off"), "percent_off": st.integers(1, 99), "max_discount": most}
        ),
        st.fixed_dictionaries(
            {"kind": st.just("exchange"), "sku": WORDS, "exchange_price": st.integers(0, 10**9), "max_discount": most}
        ),
    )


def _triggers() -> Strategy:
    return st.one_of(
        st.fixed_dictionaries({"on": st.sampled_from(["joined", "first_purchase"])}),
        st.fixed_dictionaries({"on": st.just("birthday")}, optional={"days_before": st.integers(0, 365)}),
        st.fixed_dictionaries({"on": st.just("sale")}, optional={"min_amount": st.integers(0, 10**9)}),
        st.fixed_dictionaries({"on": st.just("tier_reached"), "tier_ids": st.just(TIERS[:2])}),
        st.fixed_dictionaries({"on": st.just("lapsed"), "days": st.integers(1, 3_660)}),
    ).map(Trigger().load)


@st.composite
def whole_campaigns(draw: st.DrawFn) -> dict[str, Any]:
    """Terms of a campaign."""
    kind = draw(_kinds())
    ways = draw(st.lists(st.sampled_from(["targeted", "code_batch", "automatic"]), unique=True))
    ways += draw(st.sampled_from([["claim"], ["points"]] + ([[]] if ways else [])))
    district = draw(st.integers(0, 100))
    merchant = draw(st.integers(0, 100 - district))
    if "points" in ways:
        district, merchant = max(district, 1), 100 - max(district, 1)
    per_day = draw(COUNTS)
    bounded = kind["kind"] == "amount_off" or kind["max_discount"] is not None
    body = {
        "name": draw(WORDS),
        "description": draw(st.none() | WORDS),
        **kind,
        "min_amount": draw(st.integers(0, 10**9)),
        "merchant_ids": draw(_few(st.sampled_from(MERCHANTS))),
        "store_ids": draw(_few(st.sampled_from(STORES))),
        **{
            name: draw(_few(WORDS))
            for name in ("categories", "channels", "item_skus", "item_categories", "excluded_skus")
        },
        "usable": {
            "weekdays": draw(_few(st.integers(1, 7), 7)),
            "time_windows": draw(_few(_windows())),
            "excluded_dates": draw(_few(DAYS)),
        },
        "validity": draw(
            spans() | st.fixed_dictionaries({"days_after_issue": st.integers(1, 730), "wait_days": st.integers(0, 365)})
        ),
        **{name: draw(COUNTS) for name in ("stock", "per_member_limit", "per_member_per_day")},
        "per_day_stock": per_day,
        "budget": draw(st.none() | FEN) if bounded else None,
        "claim_window": draw(st.none() | spans()),
        "release_times": draw(_few(CLOCKS)) if per_day else [],
        "audience": {
            "tier_ids": draw(_few(st.sampled_from(TIERS))),
            "tags": draw(_few(WORDS)),
            "first_purchase_only": draw(st.booleans()),
            "member_since_before": draw(st.none() | spans().map(lambda span: span["from"])),
        },
        "stacking_group": draw(st.none() | st.text("ab-组", min_size=1, max_size=5)),
        **{name: draw(st.booleans()) for name in ("exclusive", "with_points", "earns_points")},
        "funding": {"district": district, "merchant": merchant, "government": 100 - district - merchant},
        "sponsor_merchant_id": draw(st.none() | st.sampled_from(MERCHANTS)) if merchant else None,
        "issuing": ways,
        "points_price": draw(st.integers(1, 10**6)) if "points" in ways else None,
        "trigger": draw(_triggers()) if "automatic" in ways else None,
        "on_refund": draw(st.sampled_from(["return", "forfeit"])),
        "screening": draw(_screenings()),
    }
    return dict(CampaignBody().load(body))


def _windows() -> Strategy:
    return (
        st.tuples(CLOCKS, CLOCKS)
        .filter(lambda pair: pair[0] != pair[1])
        .map(lambda pair: dict(zip(("from", "to"), pair, strict=True)))
    )


def _screenings() -> Strategy:
    shares = dict.fromkeys(("at_minimum_percent", "at_minimum_share"), st.integers(0, 100))
    counts = ("per_member_per_day", "till_vouchers_per_day", "till_times_median", "shop_vouchers")
    return st.fixed_dictionaries(
        {
            **shares,
            **dict.fromkeys(counts, st.integers(1, 1_000)),
            "staff_tags": _few(WORDS),
            "refunded_within_minutes": st.integers(0, 525_600),
        }
    )

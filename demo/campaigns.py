"""The campaigns of 湖滨步行街, all invented: what they give, who pays, and by what rule the street uses them.

Amounts in fen. A coupon is judged when its sale is recorded, whenever that took place; so an offer that the history uses
has no hours of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

Course = Literal["runs", "draft", "ends", "pauses"]
"""How a campaign stands once the history has been told."""
OPENING = "opening"
"""The campaign whose coupons are over when the load is: nobody has used them."""
BRIEF = timedelta(seconds=30)
"""How long these can be used: the sandbox's clock is brought to their end."""
CLAIMABLE = timedelta(days=60)
YEAR_ROUND = frozenset(range(1, 13))


@dataclass(frozen=True, slots=True)
class Offer:
    """A campaign: `terms` as the API takes them, but that shops are named by code, and spans by how long they last.

    `percent` of the purchases that it fits use a coupon, twice as many in its `peak`, none outside its `months`; of a
    thousand regulars `spare` hold one that they don't use. `owner`: the merchant that runs it; None for the alliance.
    """

    code: str
    terms: Mapping[str, Any]
    merchants: tuple[str, ...] = ()
    sponsor: str | None = None
    owner: str | None = None
    course: Course = "runs"
    percent: int = 0
    spare: int = 0
    months: frozenset[int] = YEAR_ROUND
    peak: frozenset[int] = frozenset()

    @property
    def name(self) -> str:
        """What it is called; no two are called the same."""
        return str(self.terms["name"])

    @property
    def way(self) -> str:
        """How the coupons that the history uses are issued; of those that are printed, too, printed ones."""
        return str(self.terms["issuing"][-1])

    def body(self, merchants: Mapping[str, str], begun: datetime) -> dict[str, Any]:
        """What the API is sent, given the ids of merchants by code and when the campaign is made."""
        shops: dict[str, Any] = {}
        if self.merchants:
            shops["merchant_ids"] = [merchants[code] for code in self.merchants]
        if self.sponsor is not None:
            shops["sponsor_merchant_id"] = merchants[self.sponsor]
        return {name: _span(value, begun) for name, value in self.terms.items()} | shops


def _span(value: Any, begun: datetime) -> Any:
    if isinstance(value, timedelta):
        return {"from": begun.isoformat(), "to": (begun + value).isoformat()}
    return value


SHARED = {"district": 60, "merchant": 40}
OF_DISTRICT = {"district": 100}
OF_SHOP = {"merchant": 100}
OF_GOVERNMENT = {"government": 70, "district": 20, "merchant": 10}
LUNCH = {"weekdays": [1, 2, 3, 4, 5], "time_windows": [{"from": "11:00", "to": "14:00"}]}
NIGHT = {"time_windows": [{"from": "18:00", "to": "02:00"}]}


def _terms(ways: str, name: str, kind: str, **more: Any) -> dict[str, Any]:
    usual = {"funding": SHARED, "validity": {"days_after_issue": 90}}
    return {"name": name, "kind": kind, "issuing": ways.split(), **usual, **more}


def _off(ways: str, name: str, amount: int, least: int = 0, **more: Any) -> dict[str, Any]:
    return _terms(ways, name, "amount_off", amount_off=amount, min_amount=least, **more)


def _percent(ways: str, name: str, percent: int, most: int, **more: Any) -> dict[str, Any]:
    return _terms(ways, name, "percent_off", percent_off=percent, max_discount=most, **more)


def _exchange(ways: str, name: str, sku: str, price: int, **more: Any) -> dict[str, Any]:
    return _terms(ways, name, "exchange", sku=sku, exchange_price=price, **more)


OFFERS: tuple[Offer, ...] = (
    Offer(
        "street",
        _off(
            "claim code_batch",
            "湖滨满50减8",
            800,
            5_000,
            stock=10_000,
            per_day_stock=3_000,
            release_times=["00:00", "10:00", "16:00"],
            claim_window=CLAIMABLE,
            per_member_limit=3,
        ),
        percent=8,
        spare=15,
        peak=frozenset({6, 11, 12}),
    ),
    Offer(
        "singles-day",
        _off("claim", "双十一满60减15", 1_500, 6_000, stock=24, per_member_limit=1),
        percent=60,
        spare=25,
        months=frozenset({11}),
    ),
    Offer(
        "spring-festival",
        _off("claim", "新春满30减8", 800, 3_000, stock=500, budget=400_000, per_member_limit=2),
        course="ends",
        percent=14,
        spare=6,
        months=frozenset({1, 2}),
        peak=frozenset({2}),
    ),
    Offer(
        "mid-autumn",
        _off("claim", "中秋满40减10", 1_000, 4_000, stock=300, per_member_limit=1, funding=OF_DISTRICT),
        course="pauses",
        percent=12,
        spare=6,
        months=frozenset({9, 10}),
    ),
    Offer(
        "government",
        _off(
            "claim",
            "政府消费券 满30减10",
            1_000,
            3_000,
            description="政府出资七成，凭付款单号核销",
            stock=1_000,
            budget=1_000_000,
            per_member_limit=2,
            funding=OF_GOVERNMENT,
        ),
        percent=8,
        spare=10,
        months=frozenset({3, 4, 5, 9}),
        peak=frozenset({5}),
    ),
    Offer(
        "milk-tea",
        _exchange("points", "30 积分换鲜奶茶", "A201-01", 0, points_price=30, per_member_limit=5, funding=OF_SHOP),
        merchants=("A201",),
        sponsor="A201",
        percent=80,
    ),
    Offer(
        "five-yuan",
        _off("points", "50 积分换 5 元", 500, 2_000, points_price=50, per_member_limit=3, funding=OF_DISTRICT),
        percent=4,
    ),
    Offer(
        "croissant",
        _exchange("claim", "9.9 元换可颂", "A301-02", 990, max_discount=3_000, stock=200, per_member_limit=3),
        merchants=("A301",),
        percent=35,
        spare=6,
    ),
    Offer(
        "sports",
        _percent("claim", "奔野运动八折", 20, 5_000, per_member_limit=2, funding=OF_SHOP),
        merchants=("D401",),
        owner="D401",
        percent=20,
        spare=6,
    ),
    Offer(
        "flyers",
        _off("code_batch", "邻鲜超市传单 满40减5", 500, 4_000, funding=OF_SHOP, validity={"days_after_issue": 180}),
        merchants=("D201",),
        percent=20,
        peak=frozenset({6, 12}),
    ),
    Offer(
        "old-friends",
        _off("targeted", "老友回礼 满50减12", 1_200, 5_000, budget=2_000_000, per_member_limit=1, funding=OF_DISTRICT),
        percent=10,
    ),
    Offer(
        "welcome",
        _off(
            "automatic",
            "入会礼 满15减3",
            300,
            1_500,
            trigger={"on": "joined"},
            stock=2_000,
            per_member_limit=1,
            funding=OF_DISTRICT,
        ),
        percent=1,
    ),
    Offer(
        "birthday",
        _percent(
            "automatic",
            "生日礼 8.5 折",
            15,
            3_000,
            trigger={"on": "birthday", "days_before": 7},
            funding=OF_DISTRICT,
            validity={"days_after_issue": 30},
        ),
    ),
    Offer(
        "tea-time",
        _percent("claim code_batch", "茶饮烘焙 8.8 折", 12, 1_000, categories=["茶饮", "烘焙"], per_member_limit=3),
        percent=8,
        spare=10,
        peak=frozenset({6, 7, 8}),
    ),
    Offer(
        "lunch",
        _percent(
            "claim",
            "工作日午市 8.5 折",
            15,
            2_000,
            categories=["餐饮"],
            usable=LUNCH,
            claim_window=CLAIMABLE,
            stock=300,
            per_member_limit=1,
        ),
        spare=25,
    ),
    Offer(
        "new-year",
        _off("claim", "跨年夜满100减20", 2_000, 10_000, description="等商户确认出资比例", usable=NIGHT),
        course="draft",
    ),
    Offer(OPENING, _off("targeted", "开街体验券", 300, per_member_limit=1, funding=OF_DISTRICT, validity=BRIEF)),
)
"""In the order in which a purchase looks for a coupon: it uses one at most."""
BY_CODE = {offer.code: offer for offer in OFFERS}

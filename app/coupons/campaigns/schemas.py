"""Bodies and queries of campaigns, each field as it is kept afterwards: JSON, with instants in UTC."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from marshmallow import missing, post_load, validates_schema

from app.coupons.campaigns.rules import CLAIMS, KINDS, STATUSES, WAYS
from app.foundation.clock import format_instant
from app.foundation.http.contract.shapes import NOTHING, Shape
from app.foundation.http.fields import (
    Body,
    Day,
    Flag,
    Id,
    Instant,
    Integer,
    ListOf,
    NameText,
    Object,
    OneOf,
    Text,
    page_query,
)
from app.foundation.http.times_of_day import Clock, DailyWindowBody
from app.foundation.http.validation import Reason, Wrong, several_wrong
from app.foundation.i18n import words as _l

_NEEDED = Reason("required", _l("This field is needed."))
_OF_ANOTHER_KIND = Reason("unknown-field", _l("A campaign of this kind has no such field."))
_ENDS_FIRST = _l("It ends before it begins.")
FIELDS_OF_KIND: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "amount_off": (frozenset({"amount_off"}), frozenset()),
    "percent_off": (frozenset({"percent_off"}), frozenset({"max_discount"})),
    "exchange": (frozenset({"sku", "exchange_price"}), frozenset({"max_discount"})),
}
"""By kind, the fields that it needs, and those that it may have."""
_KIND_FIELDS = frozenset().union(*(fields for both in FIELDS_OF_KIND.values() for fields in both))
FIELDS_OF_TRIGGER: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "joined": (frozenset(), frozenset()),
    "birthday": (frozenset(), frozenset({"days_before"})),
    "first_purchase": (frozenset(), frozenset()),
    "sale": (frozenset(), frozenset({"min_amount"})),
    "tier_reached": (frozenset({"tier_ids"}), frozenset()),
    "lapsed": (frozenset({"days"}), frozenset()),
}


def _trigger_shapes() -> list[Shape]:
    every = frozenset().union(*(fields for both in FIELDS_OF_TRIGGER.values() for fields in both))
    return [
        {
            "properties": {"on": {"const": on}, **dict.fromkeys(sorted(every - needed - optional), NOTHING)},
            **({"required": sorted(needed)} if needed else {}),
        }
        for on, (needed, optional) in FIELDS_OF_TRIGGER.items()
    ]


def _as_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return format_instant(value)
    if isinstance(value, date):
        return value.isoformat()
    return [_as_json(one) for one in value] if isinstance(value, list) else value


def _once(values: list[Any]) -> list[Any]:
    return list(dict.fromkeys(values))


class _Kept(Body):
    """Base of bodies that are kept as JSON, under the names that they had on the wire."""

    @post_load
    def _kept(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        names = {name: one.data_key or name for name, one in self.fields.items()}
        return {names[name]: _as_json(value) for name, value in data.items()}


class KeptDailyWindow(DailyWindowBody, _Kept):
    pass


class UsableBody(_Kept):
    """When coupons can be used; a window that crosses midnight belongs to the day on which it starts."""

    weekdays = ListOf(Integer(1, 7), most=7, load_default=list)
    time_windows = ListOf(Object(KeptDailyWindow), most=20, load_default=list)
    excluded_dates = ListOf(Day(), most=366, load_default=list)


class Validity(_Kept):
    """From an instant until before another, or so many local days from the issue on."""

    more_shape = {
        "oneOf": [
            {"properties": {"days_after_issue": NOTHING, "wait_days": NOTHING}, "required": ["from", "to"]},
            {"properties": {"from": NOTHING, "to": NOTHING}, "required": ["days_after_issue"]},
        ]
    }

    start = Instant(data_key="from")
    until = Instant(data_key="to")
    days_after_issue = Integer(1, 730, example=30)
    wait_days = Integer(0, 365, example=0)

    @validates_schema
    def _one_way(self, data: dict[str, Any], **_: object) -> None:
        by_dates = "start" in data or "until" in data
        wanted, others = (("start", "until"), ("days_after_issue", "wait_days"))[:: 1 if by_dates else -1]
        needed = wanted if by_dates else wanted[:1]
        wrong = {self.fields[name].data_key or name: _NEEDED for name in needed if name not in data}
        mixed = Reason("unknown-field", _l("Either two instants, or days after the issue."))
        wrong |= {name: mixed for name in others if name in data}
        if wrong:
            raise several_wrong(wrong)
        if by_dates and data["start"] >= data["until"]:
            raise Wrong("contradiction", _ENDS_FIRST, "to")

    @post_load
    def _with_wait(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        return {"wait_days": 0, **data} if "days_after_issue" in data else data


class ClaimWindow(_Kept):
    start = Instant(data_key="from", required=True)
    until = Instant(data_key="to", required=True)

    @validates_schema
    def _lasts(self, data: dict[str, Any], **_: object) -> None:
        if data["start"] >= data["until"]:
            raise Wrong("contradiction", _ENDS_FIRST, "to")


class Audience(_Kept):
    """Who may claim; all of it must hold. Of tiers and tags one is enough."""

    tier_ids = ListOf(Id("tir"), most=50, load_default=list)
    tags = ListOf(Text(40), most=50, load_default=list)
    first_purchase_only = Flag(load_default=False)
    member_since_before = Instant(allow_none=True, load_default=None)


class CampaignFunding(_Kept):
    """Percents that add to 100; the merchant is the one where the coupon is redeemed, unless a sponsor is named."""

    district = Integer(0, 100, load_default=0, example=60)
    merchant = Integer(0, 100, load_default=0, example=40)
    government = Integer(0, 100, load_default=0, example=0)

    @validates_schema
    def _whole(self, data: dict[str, Any], **_: object) -> None:
        if sum(data.values()) != 100:
            raise Wrong("not-100", _l("The percents of district, merchant and government add to 100."))


class ScreeningBody(_Kept):
    """From where on a government voucher is held for review; other coupons aren't screened.

    More than so many of a member on a local day; a till (a key) with so many on a day and more than so many times the
    median of tills; a member with one of these tags; of so many at a shop more than this percentage with a bill that is
    at most so many percent above the minimum; a refund within so many minutes.
    """

    per_member_per_day = Integer(1, 1_000, load_default=3)
    till_vouchers_per_day = Integer(1, 1_000_000, load_default=20)
    till_times_median = Integer(1, 1_000, load_default=5)
    staff_tags = ListOf(Text(40), most=50, load_default=lambda: ["staff"])
    shop_vouchers = Integer(1, 1_000_000, load_default=20)
    at_minimum_percent = Integer(0, 100, load_default=1)
    at_minimum_share = Integer(0, 100, load_default=50)
    refunded_within_minutes = Integer(0, 525_600, load_default=60)


class Trigger(_Kept):
    """On what coupons are given by themselves; each kind has fields of its own."""

    more_shape = {"oneOf": _trigger_shapes()}

    on = OneOf(tuple(FIELDS_OF_TRIGGER), required=True)
    days_before = Integer(0, 365)
    min_amount = Integer()
    tier_ids = ListOf(Id("tir"), most=50, least=1)
    days = Integer(1, 3_660)

    @validates_schema
    def _of_one_kind(self, data: dict[str, Any], **_: object) -> None:
        needed, optional = FIELDS_OF_TRIGGER[data["on"]]
        given = data.keys() - {"on"}
        wrong = {name: Reason("unknown-field", _l("This trigger has none.")) for name in given - needed - optional}
        wrong |= dict.fromkeys(needed - given, _NEEDED)
        if wrong:
            raise several_wrong(wrong)


class CampaignFields(_Kept):
    """Every field of a campaign. Null stands for no limit, and for what another kind has."""

    name = NameText(100, required=True, example="周末满减")
    description = Text(500, allow_none=True, load_default=None)
    kind = OneOf(KINDS, required=True)
    amount_off = Integer(1, allow_none=True, load_default=None, example=1_000)
    percent_off = Integer(1, 99, allow_none=True, load_default=None)
    max_discount = Integer(1, allow_none=True, load_default=None)
    sku = Text(100, allow_none=True, load_default=None)
    exchange_price = Integer(allow_none=True, load_default=None)
    min_amount = Integer(load_default=0, example=10_000)
    merchant_ids = ListOf(Id("mer"), most=500, load_default=list)
    store_ids = ListOf(Id("str"), most=500, load_default=list)
    categories = ListOf(Text(40), most=100, load_default=list)
    channels = ListOf(Text(40), most=50, load_default=list)
    item_skus = ListOf(Text(100), most=500, load_default=list)
    item_categories = ListOf(Text(100), most=100, load_default=list)
    excluded_skus = ListOf(Text(100), most=500, load_default=list)
    usable = Object(UsableBody, load_default=lambda: UsableBody().load({}))
    validity = Object(Validity, required=True, metadata={"examples": [{"days_after_issue": 30, "wait_days": 0}]})
    stock = Integer(1, allow_none=True, load_default=None)
    per_day_stock = Integer(1, allow_none=True, load_default=None)
    per_member_limit = Integer(1, allow_none=True, load_default=None)
    per_member_per_day = Integer(1, allow_none=True, load_default=None)
    budget = Integer(1, allow_none=True, load_default=None)
    claim_window = Object(ClaimWindow, allow_none=True, load_default=None)
    release_times = ListOf(Clock(), most=24, load_default=list)
    audience = Object(Audience, load_default=lambda: Audience().load({}))
    stacking_group = Text(60, visible=True, allow_none=True, load_default="default")
    exclusive = Flag(load_default=False)
    with_points = Flag(load_default=True)
    earns_points = Flag(load_default=True)
    funding = Object(CampaignFunding, allow_none=True, load_default=None)
    sponsor_merchant_id = Id("mer", allow_none=True, load_default=None)
    issuing = ListOf(OneOf(WAYS), most=len(WAYS), least=1, load_default=lambda: ["claim"])
    points_price = Integer(1, allow_none=True, load_default=None)
    trigger = Object(Trigger, allow_none=True, load_default=None)
    on_refund = OneOf(("return", "forfeit"), load_default="return")
    screening = Object(ScreeningBody, load_default=lambda: ScreeningBody().load({}))

    @post_load
    def _tidy(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        ordered = {"release_times": sorted(set(data["release_times"]))} if "release_times" in data else {}
        return {
            name: _once(value) if isinstance(value, list) and value and isinstance(value[0], str) else value
            for name, value in data.items()
        } | ordered


class CampaignBody(CampaignFields):
    """A campaign; without `funding`, whoever runs it pays."""

    more_shape = {
        "oneOf": [
            {"properties": {"kind": {"const": kind}}, "required": sorted(needed)}
            for kind, (needed, _) in FIELDS_OF_KIND.items()
        ]
    }

    @validates_schema
    def _goes_together(self, data: dict[str, Any], **_: object) -> None:
        wrong = dict(_flaws(data))
        if wrong:
            raise several_wrong(wrong)


class CampaignChange(CampaignFields):
    """What is given is changed; the whole must fit together afterwards."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        for one in self.fields.values():
            one.required, one.load_default = False, missing


def _flaws(data: dict[str, Any]) -> Iterator[tuple[str, Reason]]:
    """The fields of a whole campaign that don't fit the others."""
    needed, optional = FIELDS_OF_KIND[data["kind"]]
    given = {name for name in _KIND_FIELDS if data[name] is not None}
    yield from ((name, _OF_ANOTHER_KIND) for name in sorted(given - needed - optional))
    yield from ((name, _NEEDED) for name in sorted(needed - given))
    if data["budget"] is not None and data["kind"] != "amount_off" and data["max_discount"] is None:
        yield "max_discount", Reason("required", _l("With a budget, the most that a coupon takes off is needed."))
    if data["release_times"] and data["per_day_stock"] is None:
        yield "release_times", Reason("contradiction", _l("Only a stock a day is released at times of the day."))
    yield from _flaws_of_issuing(data)


def _flaws_of_issuing(data: dict[str, Any]) -> Iterator[tuple[str, Reason]]:
    ways = set(data["issuing"])
    if ways >= CLAIMS:
        yield "issuing", Reason("contradiction", _l("A coupon is claimed for nothing or for points, not both."))
    for way, name in (("points", "points_price"), ("automatic", "trigger")):
        if way in ways and data[name] is None:
            yield name, _NEEDED
        elif way not in ways and data[name] is not None:
            yield name, Reason("contradiction", _l("Only what is issued as %(way)s has it.", way=way))
    funding = data["funding"]
    if funding is None:
        return  # follows from whose campaign it is
    if data["points_price"] is not None and (
        funding["government"] or not (funding["district"] or data["sponsor_merchant_id"])
    ):
        named = _l("Points are paid to a funder with a name: the district, or a sponsor, and no government.")
        yield "funding", Reason("contradiction", named)
    if data["sponsor_merchant_id"] is not None and not funding["merchant"]:
        yield (
            "sponsor_merchant_id",
            Reason("contradiction", _l("A sponsor pays the merchant's part, and there is none.")),
        )


CAMPAIGNS = page_query("cam", merchant_id=Id("mer"), status=OneOf(STATUSES), name=Text(100))

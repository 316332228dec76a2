"""Bodies and queries of this room. What a rule may say today; a rule of another kind is refused by name."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

from marshmallow import post_load, validates, validates_schema

from app.foundation.figures.money import MAX_AMOUNT
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
    QueryInteger,
    StrictField,
    Text,
    page_query,
)
from app.foundation.http.times_of_day import DailyWindowBody
from app.foundation.http.validation import Reason, Wrong, several_wrong
from app.foundation.i18n import words as _l
from app.members.schemas import FORGOTTEN

_FACTOR = re.compile(r"[0-9]{1,3}(\.[0-9]{1,4})?", re.ASCII)


class PointValue(StrictField):
    """Minor units that one point takes off a bill: a decimal text above 0 with up to 4 decimals."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Decimal:
        if not isinstance(value, str) or not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,4})?", value) or Decimal(value) == 0:
            raise Wrong("invalid-decimal", _l("A decimal text above 0 with up to 4 decimals is needed."))
        return Decimal(value)

    def accepts(self) -> Shape:
        return {"type": "string", "pattern": r"^[0-9]{1,6}(\.[0-9]{1,4})?$", "examples": ["1"]}


class Expiry(Body):
    """`months` after a sale, or the end of the year and some months of grace, or never."""

    more_shape = {
        "oneOf": [
            {"properties": {"policy": {"const": "months"}, "grace_months": NOTHING}, "required": ["months"]},
            {"properties": {"policy": {"const": "year_end"}, "months": NOTHING}, "required": ["grace_months"]},
            {"properties": {"policy": {"const": "never"}, "months": NOTHING, "grace_months": NOTHING}},
        ]
    }

    policy = OneOf(("months", "year_end", "never"), required=True)
    months = Integer(1, 120, example=12)
    grace_months = Integer(0, 60)

    @validates_schema
    def _fits(self, data: dict[str, Any], **_: object) -> None:
        wanted = {"months": {"months"}, "year_end": {"grace_months"}, "never": set()}[data["policy"]]
        for name in wanted ^ (data.keys() - {"policy"}):
            if name in wanted:
                raise Wrong("required", _l("This policy needs it."), name)
            raise Wrong("unknown-field", _l("This policy has none."), name)


class ProgrammeChange(Body):
    point_value = PointValue(metadata={"description": "Minor units that one point takes off a bill; above 0."})
    rounding = OneOf(("floor", "half_up"))
    pending_days = Integer(0, 365, example=7)
    expiry = Object(Expiry)
    refund_policy = OneOf(("owe", "take", "forgive"))
    max_spend_percent = Integer(0, 100)
    min_spend_points = Integer()
    late_sale_days = Integer(0, 36_500, allow_none=True)
    spend_proof = OneOf(("code", "any"))
    merchant_campaigns = Flag(
        metadata={
            "description": "Whether merchants may run campaigns of coupons that they pay for, at their own shops."
        }
    )


class ConditionsBody(Body):
    merchant_ids = ListOf(Id("mer"), most=500)
    store_ids = ListOf(Id("str"), most=500)
    categories = ListOf(Text(40), most=100)
    channels = ListOf(Text(40), most=50)
    payment_methods = ListOf(Text(40), most=50)
    tier_ids = ListOf(Id("tir"), most=50)
    tags = ListOf(Text(40), most=50)
    first_in_district = Flag(metadata={"description": "`true`: the member's first sale; `false`: any but the first."})
    first_at_merchant = Flag(metadata={"description": "The same at the merchant of the sale."})
    birthday = OneOf(("day", "month"))
    weekdays = ListOf(Integer(1, 7), most=7)
    time_windows = ListOf(Object(DailyWindowBody), most=20)
    date_from = Day()
    date_to = Day()
    min_amount = Integer()
    max_amount = Integer()

    @validates_schema
    def _ordered(self, data: dict[str, Any], **_: object) -> None:
        for low, high in (("date_from", "date_to"), ("min_amount", "max_amount")):
            if data.get(low) is not None and data.get(high) is not None and data[low] > data[high]:
                raise Wrong("contradiction", _l("%(high)s lies before %(low)s.", high=high, low=low), high)

    @post_load
    def _as_json(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        for window in data.get("time_windows", ()):
            window["from"], window["to"] = window.pop("start"), window.pop("until")
        return {name: value.isoformat() if isinstance(value, date) else value for name, value in data.items()}


class Funding(Body):
    """Percents that add to 100."""

    merchant = Integer(0, 100, load_default=0, example=100)
    district = Integer(0, 100, load_default=0, example=0)

    @validates_schema
    def _whole(self, data: dict[str, Any], **_: object) -> None:
        if data.get("merchant", 0) + data.get("district", 0) != 100:
            raise Wrong("not-100", _l("The percents of merchant and district add to 100."))


class Factor(Text):
    """A decimal above 1 and at most 100, with up to four places, as a text."""

    def __init__(self, **options: Any) -> None:
        super().__init__(8, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        text = super()._deserialize(value, attr, data, **options)
        if not _FACTOR.fullmatch(text) or not 1 < Decimal(text) <= 100:
            raise Wrong("invalid-factor", _l('A decimal above 1, such as "1.5", is needed.'))
        return text

    def accepts(self) -> Shape:
        return {"type": "string", "pattern": r"^[0-9]{1,3}(\.[0-9]{1,4})?$"}


class CapsBody(Body):
    """What a rule gives at most, in points: for one sale, to a member on one local day, to a member ever, to all.

    Counted by the rule's key through all versions; refunds give nothing back to them.
    """

    per_transaction = Integer(1)
    per_member_per_day = Integer(1, example=200)
    per_member_total = Integer(1, example=1_000)
    budget = Integer(1, example=100_000)


def _kind_shape(kind: str, *others: str) -> Shape:
    return {"properties": {"kind": {"const": kind}, **dict.fromkeys(others, NOTHING)}}


class RuleBody(Body):
    """A rule of one kind; a field of another kind is refused."""

    more_shape = {
        "oneOf": [
            {**_kind_shape("base", "factor", "exclusive_group"), "required": ["points", "per_amount"]},
            {**_kind_shape("multiplier", "points", "per_amount", "priority"), "required": ["factor"]},
            {**_kind_shape("bonus", "per_amount", "priority", "factor", "exclusive_group"), "required": ["points"]},
        ]
    }

    key = Text(60, required=True, visible=True, example="base")
    kind = OneOf(("base", "multiplier", "bonus"), required=True)
    name = NameText(100, required=True, example="每元 1 分")
    points = Integer(1, 1_000_000, example=1)
    per_amount = Integer(1, example=100)
    priority = Integer(0, 1_000_000)
    factor = Factor()
    exclusive_group = Text(60, visible=True)
    conditions = Object(ConditionsBody, load_default=dict)
    caps = Object(CapsBody)
    funding = Object(Funding, load_default=lambda: {"merchant": 100, "district": 0})

    @validates_schema
    def _of_one_kind(self, data: dict[str, Any], **_: object) -> None:
        needed, optional = _FIELDS_OF_KIND[data["kind"]] if "kind" in data else (_KIND_FIELDS, _KIND_FIELDS)
        wrong = {
            name: Reason("unknown-field", _l("A rule of this kind has no such field."))
            for name in _KIND_FIELDS & data.keys()
        }
        missing = {
            name: Reason("required", _l("This field is needed.")) for name in needed - data.keys() if "kind" in data
        }
        problems = {name: wrong[name] for name in wrong.keys() - needed - optional} | missing
        if problems:
            raise several_wrong(problems)

    @post_load
    def _with_priority(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        return {"priority": 0, **data} if data["kind"] == "base" else data


_FIELDS_OF_KIND: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "base": (frozenset({"points", "per_amount"}), frozenset({"priority"})),
    "multiplier": (frozenset({"factor"}), frozenset({"exclusive_group"})),
    "bonus": (frozenset({"points"}), frozenset()),
}
_KIND_FIELDS = frozenset({"points", "per_amount", "priority", "factor", "exclusive_group"})


class RuleSetBody(Body):
    name = NameText(100, required=True, example="2026 spring")
    rules = ListOf(Object(RuleBody), most=200, least=1, required=True)


class PublishBody(Body):
    effective_at = Instant(load_default=None, allow_none=True)


class AdjustmentBody(Body):
    """Points given by hand, or taken (below 0); never 0."""

    points = Integer(-MAX_AMOUNT, required=True, example=500)
    reason = Text(500, required=True, example="系统故障补偿", metadata=FORGOTTEN)

    @validates("points")
    def _some(self, value: int, **_: object) -> None:
        if value == 0:
            raise Wrong("out-of-range", _l("Some points are needed, above or below 0."))


_RANK = {"description": "The highest rank that a member holds is its tier; each stands once."}
_QUALIFIES_BY = ("points_earned", "amount_spent")


class TierBody(Body):
    """`threshold`: points, or minor units paid, net of refunds, in `period_days` local days."""

    name = NameText(60, required=True, example="Gold")
    rank = Integer(0, 1_000, required=True, example=2, metadata=_RANK)
    qualifies_by = OneOf(_QUALIFIES_BY, required=True)
    threshold = Integer(1, required=True, example=5_000)
    period_days = Integer(1, 3_660, required=True, example=365)


class TierChange(Body):
    name = NameText(60, example="Gold")
    rank = Integer(0, 1_000, example=2, metadata=_RANK)
    qualifies_by = OneOf(_QUALIFIES_BY)
    threshold = Integer(1, example=5_000)
    period_days = Integer(1, 3_660, example=365)


RULE_SETS = page_query("rls")
TIERS = page_query("tir")


class EntriesPage(Body):
    """Entries are paged by their sequence number."""

    limit = QueryInteger(1, 100, load_default=20)
    starting_after = QueryInteger(1, 10**12, load_default=None)
    ending_before = QueryInteger(1, 10**12, load_default=None)

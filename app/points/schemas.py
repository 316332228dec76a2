"""Bodies and queries of this room. What a rule may say today; a rule of another kind is refused by name."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields, post_load, validates_schema

from app.foundation.http.fields import (
    Body,
    Day,
    Id,
    Instant,
    Integer,
    ListOf,
    Object,
    OneOf,
    QueryInteger,
    Text,
    page_query,
)

_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)


class PointValue(fields.Field[Any]):
    """Minor units that one point takes off a bill: a decimal text above 0 with up to 4 decimals."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Decimal:
        if not isinstance(value, str) or not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,4})?", value) or Decimal(value) == 0:
            raise ValidationError("invalid-decimal|A decimal text above 0 with up to 4 decimals is needed.")
        return Decimal(value)


class Expiry(Body):
    policy = OneOf(("months", "year_end", "never"), required=True)
    months = Integer(1, 120)
    grace_months = Integer(0, 60)

    @validates_schema
    def _fits(self, data: dict[str, Any], **_: object) -> None:
        wanted = {"months": {"months"}, "year_end": {"grace_months"}, "never": set()}[data["policy"]]
        for name in wanted ^ (data.keys() - {"policy"}):
            words = "required|This policy needs it." if name in wanted else "unknown-field|This policy has none."
            raise ValidationError(words, name)


class ProgrammeChange(Body):
    point_value = PointValue()
    rounding = OneOf(("floor", "half_up"))
    pending_days = Integer(0, 365)
    expiry = Object(Expiry)
    refund_policy = OneOf(("owe", "take", "forgive"))
    max_spend_percent = Integer(0, 100)
    min_spend_points = Integer()
    late_sale_days = Integer(0, 36_500, allow_none=True)
    spend_proof = OneOf(("code", "any"))


class Clock(Text):
    """A time of day, `HH:MM`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(5, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        text = super()._deserialize(value, attr, data, **options)
        if not _CLOCK.fullmatch(text):
            raise ValidationError("invalid-clock|A time of day HH:MM is needed.")
        return text


class Window(Body):
    start = Clock(required=True, data_key="from")
    until = Clock(required=True, data_key="to")

    @validates_schema
    def _lasts(self, data: dict[str, Any], **_: object) -> None:
        if data.get("start") == data.get("until"):
            raise ValidationError("empty-window|A window ends at another time than it starts.", "to")


class ConditionsBody(Body):
    merchant_ids = ListOf(Id("mer"), most=500)
    store_ids = ListOf(Id("str"), most=500)
    categories = ListOf(Text(40), most=100)
    channels = ListOf(Text(40), most=50)
    payment_methods = ListOf(Text(40), most=50)
    weekdays = ListOf(Integer(1, 7), most=7)
    time_windows = ListOf(Object(Window), most=20)
    date_from = Day()
    date_to = Day()
    min_amount = Integer()
    max_amount = Integer()

    @validates_schema
    def _ordered(self, data: dict[str, Any], **_: object) -> None:
        for low, high in (("date_from", "date_to"), ("min_amount", "max_amount")):
            if data.get(low) is not None and data.get(high) is not None and data[low] > data[high]:
                raise ValidationError(f"contradiction|{high} lies before {low}.", high)

    @post_load
    def _as_json(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        for window in data.get("time_windows", ()):
            window["from"], window["to"] = window.pop("start"), window.pop("until")
        return {name: value.isoformat() if isinstance(value, date) else value for name, value in data.items()}


class Funding(Body):
    merchant = Integer(0, 100, load_default=0)
    district = Integer(0, 100, load_default=0)

    @validates_schema
    def _whole(self, data: dict[str, Any], **_: object) -> None:
        if data.get("merchant", 0) + data.get("district", 0) != 100:
            raise ValidationError("not-100|The percents of merchant and district add to 100.")


class RuleBody(Body):
    key = Text(60, required=True, visible=True)
    kind = OneOf(("base",), required=True)
    name = Text(100, required=True)
    points = Integer(1, 1_000_000, required=True)
    per_amount = Integer(1, required=True)
    priority = Integer(0, 1_000_000, load_default=0)
    conditions = Object(ConditionsBody, load_default=dict)
    funding = Object(Funding, load_default=lambda: {"merchant": 100, "district": 0})


class RuleSetBody(Body):
    name = Text(100, required=True)
    rules = ListOf(Object(RuleBody), most=200, least=1, required=True)


class PublishBody(Body):
    effective_at = Instant(load_default=None, allow_none=True)


RULE_SETS = page_query("rls")


class EntriesPage(Body):
    """Entries are paged by their sequence number."""

    limit = QueryInteger(1, 100, load_default=20)
    starting_after = QueryInteger(1, 10**12, load_default=None)
    ending_before = QueryInteger(1, 10**12, load_default=None)

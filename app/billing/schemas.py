"""Bodies and queries of this room."""

from __future__ import annotations

from app.districts.schemas import CURRENCIES
from app.foundation.http.fields import Body, Id, Integer, NameText, OneOf, page_query
from app.points.schemas import PointValue

MOST_TRIAL_DAYS = 730


class PlanBody(Body):
    """What the operator offers: minor units a month, and for each sale (up to 4 decimals)."""

    name = NameText(100, visible=True, required=True)
    currency = OneOf(CURRENCIES, load_default="CNY")
    base_amount = Integer(required=True, example=29900)
    sale_amount = PointValue(required=True)
    trial_days = Integer(0, MOST_TRIAL_DAYS, load_default=0, example=30)


class AgreementBody(Body):
    """The plan that a district gets; `trial_days` in place of the plan's."""

    plan_id = Id("pln", required=True)
    trial_days = Integer(0, MOST_TRIAL_DAYS, load_default=None, allow_none=True, example=60)


PLANS = page_query("pln")

"""Bodies and queries of reservations and redemptions."""

from __future__ import annotations

from app.coupons.redeeming.rules import STATES
from app.foundation.http.contract.shapes import some_id
from app.foundation.http.fields import Body, Id, Instant, Integer, OneOf, Text, page_query
from app.members.schemas import FORGOTTEN


class ReleaseBody(Body):
    """The bill of a merchant for which a coupon is held; `store_id` may be left out with a store's key."""

    reference = Text(255, required=True, visible=True, example="A101-20260101-0001")
    store_id = Id("str", load_default=None, allow_none=True, example=some_id("str"))


class ReserveBody(ReleaseBody):
    ttl_seconds = Integer(30, 1_800, required=True, example=600)
    channel = Text(40, load_default=None, allow_none=True, example="till")


class RollbackBody(Body):
    reference = Text(255, required=True, visible=True, example="A101-20260101-B001")
    reason = Text(500, required=True, example="顾客取消", metadata=FORGOTTEN)


REDEMPTIONS = page_query(
    "red",
    campaign_id=Id("cam"),
    merchant_id=Id("mer"),
    store_id=Id("str"),
    state=OneOf(STATES),
    **{"from": Instant(), "to": Instant()},
)

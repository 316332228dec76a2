"""Bodies and queries of coupons."""

from __future__ import annotations

from app.coupons.issuing.rules import STATUSES
from app.foundation.http.contract.shapes import some_id
from app.foundation.http.fields import Body, Id, OneOf, PictureQuery, Text, page_query
from app.members.schemas import FORGOTTEN


class CouponClaimBody(Body):
    """A key names the member; a member who is signed in claims for itself."""

    member_id = Id("mem", load_default=None, allow_none=True, example=some_id("mem"))


class VoidBody(Body):
    reason = Text(500, required=True, example="误发", metadata=FORGOTTEN)


class CouponPictureQuery(PictureQuery):
    symbol = OneOf(("qr", "code128"), load_default="qr")


COUPONS = page_query("cpn", status=OneOf(STATUSES))

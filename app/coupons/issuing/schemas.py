"""Bodies and queries of coupons."""

from __future__ import annotations

from app.coupons.issuing.rules import STATUSES
from app.foundation.http.fields import Body, Id, OneOf, PictureQuery, Text, page_query
from app.members.schemas import FORGOTTEN


class VoidBody(Body):
    reason = Text(500, required=True, example="误发", metadata=FORGOTTEN)


class CouponPictureQuery(PictureQuery):
    symbol = OneOf(("qr", "code128"), load_default="qr")


COUPONS = page_query("cpn", status=OneOf(STATUSES))
ISSUED = page_query("cpn", campaign_id=Id("cam"), status=OneOf(STATUSES))

"""Bodies and queries of batches of codes."""

from __future__ import annotations

from app.coupons.bulk.files import FORMATS
from app.foundation.http.fields import Body, Integer, NameText, OneOf, Text

MOST_CODES = 100_000


class CodesBody(Body):
    quantity = Integer(1, MOST_CODES, required=True, example=500)
    name = NameText(100, required=True, example="国庆传单")


class DownloadQuery(Body):
    """How the codes are wanted; once they were given out, also why again."""

    format = OneOf(FORMATS, load_default="csv")
    reason = Text(500)


class CouponCodeText(Text):
    """The code of a coupon, as it was scanned or typed."""


class BindingBody(Body):
    code = CouponCodeText(64, required=True, example="7K3M-Q9ZT-H2VC-1")


class CampaignVoidBody(Body):
    reason = Text(500, required=True, example="印错金额")

"""Bodies of issues."""

from __future__ import annotations

from typing import Any

from marshmallow import validates_schema

from app.coupons.campaigns.schemas import Audience
from app.foundation.http.contract.shapes import not_both
from app.foundation.http.fields import Body, Id, Instant, Integer, ListOf, Object
from app.foundation.http.validation import Wrong
from app.foundation.i18n import words as _l

MOST_MEMBERS = 20_000


class IssueAudience(Audience):
    """Which members; all of it must hold. Days are local days; a merchant's looks at its own sales."""

    merchant_ids = ListOf(Id("mer"), most=50, load_default=list)
    last_purchase_before = Instant(allow_none=True, load_default=None)
    last_purchase_after = Instant(allow_none=True, load_default=None)
    min_spent = Integer(1, allow_none=True, load_default=None, example=50_000)
    spent_days = Integer(1, 3_660, allow_none=True, load_default=None, example=90)
    lapsed_days = Integer(1, 3_660, allow_none=True, load_default=None, example=30)

    @validates_schema
    def _spent_in_days(self, data: dict[str, Any], **_: object) -> None:
        if data["spent_days"] is not None and data["min_spent"] is None:
            raise Wrong("contradiction", _l("Only money spent is looked at in days."), "spent_days")


class IssueBody(Body):
    """Either members who are named, or an audience; an empty one is every member."""

    more_shape = {"allOf": [not_both("member_ids", "audience")]}

    member_ids = ListOf(Id("mem"), most=MOST_MEMBERS, least=1, allow_none=True, load_default=None)
    audience = Object(IssueAudience, allow_none=True, load_default=None)

    @validates_schema
    def _one_way(self, data: dict[str, Any], **_: object) -> None:
        if data.get("member_ids") is not None and data.get("audience") is not None:
            raise Wrong("one-at-most", _l("member_ids or audience, not both."), "audience")
        if data.get("member_ids") is None and data.get("audience") is None:
            raise Wrong("required", _l("Whom? member_ids or audience is needed."), "member_ids")

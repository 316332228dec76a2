"""Bodies and queries of this wing."""

from __future__ import annotations

from app.care.cases.rules import KINDS, REASONS, STEPS
from app.foundation.http.fields import Body, Id, OneOf, Text, page_query


class CaseBody(Body):
    transaction_id = Id("txn", required=True)
    kind = OneOf(KINDS, load_default="complaint")
    reason = OneOf(REASONS, required=True)
    description = Text(1000, load_default=None, allow_none=True, example="少算了一杯茶的积分")


class AnswerBody(Body):
    answer = Text(1000, required=True, example="已补 20 积分")


CASES = page_query("cas", step=OneOf(STEPS), transaction_id=Id("txn"), merchant_id=Id("mer"))

"""Bodies and queries of this wing."""

from __future__ import annotations

from typing import Any

from marshmallow import post_load

from app.foundation.figures.money import MAX_AMOUNT
from app.foundation.http.fields import Body, Id, Integer, ListOf, NameText, Object, OneOf, SomeId, Text, page_query
from app.settlement.disputes.rules import CORRECTION_STATUSES, DISPUTE_STATUSES, REASONS, DisputedLine

_MOST = 100


class DisputedLineBody(Body):
    """A line, what the party is to get more for it, and the items that it means. What is missing may stand on no line."""

    line = Integer(1, 1_000_000, load_default=None, allow_none=True, example=2)
    amount = Integer(1, required=True, example=36)
    item_ids = ListOf(SomeId(), most=_MOST, load_default=list)

    @post_load
    def _as_value(self, data: dict[str, Any], **_: object) -> DisputedLine:
        return DisputedLine(**data)


class DisputeBody(Body):
    lines = ListOf(Object(DisputedLineBody), least=1, most=_MOST, required=True)
    reason = OneOf(REASONS, required=True)
    text = Text(1000, load_default=None, allow_none=True, example="这笔退款不是本店的")


class DisputeMessageBody(Body):
    text = NameText(1000, required=True, example="请看 3 月 8 日的小票")


class AcceptDisputeBody(Body):
    amount = Integer(1, required=True, example=36)
    reason = NameText(500, required=True, example="核实属实")


class RejectDisputeBody(Body):
    reason = NameText(500, required=True, example="与流水一致")


class CorrectionBody(Body):
    """What a merchant is to get more from the district; below 0 it pays."""

    merchant_id = Id("mer", required=True)
    amount = Integer(-MAX_AMOUNT, required=True, example=36)
    reason = NameText(500, required=True, example="三月漏计")


DISPUTES = page_query("dsp", status=OneOf(DISPUTE_STATUSES), statement_id=Id("stm"))
CORRECTIONS = page_query("cor", status=OneOf(CORRECTION_STATUSES))

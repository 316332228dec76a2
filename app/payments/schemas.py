"""Bodies and queries of this room."""

from __future__ import annotations

from app.foundation.figures.money import MAX_AMOUNT
from app.foundation.http.fields import Body, Day, Id, Integer, OneOf, Text, page_query
from app.payments.rules import DIRECTIONS, STATES

MOST_OF_A_REFERENCE = 64


class SlipBody(Body):
    """What the bank says of a transfer."""

    bank_reference = Text(MOST_OF_A_REFERENCE, visible=True, required=True, example="20260415-000731")
    booked_on = Day(required=True, example="2026-04-15")
    amount = Integer(1, MAX_AMOUNT, required=True, example=41_000)


class ReceivedBody(SlipBody):
    """Money that nobody was asked for; without a merchant it is the district's."""

    merchant_id = Id("mer", load_default=None, allow_none=True)


PAYMENTS = page_query(
    "pay", state=OneOf(STATES), direction=OneOf(DIRECTIONS), merchant_id=Id("mer"), statement_id=Id("stm")
)

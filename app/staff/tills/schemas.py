"""Bodies and queries of this wing."""

from __future__ import annotations

import re
from typing import Any

from app.foundation.http.contract.shapes import Shape
from app.foundation.http.fields import Body, Flag, Id, Integer, NameText, Text, page_query
from app.foundation.http.times_of_day import Clock
from app.foundation.http.validation import Wrong
from app.foundation.i18n import words as _l
from app.staff.tills.rules import PIN_LENGTHS, is_simple

_PIN = re.compile(rf"\d{{{PIN_LENGTHS[0]},{PIN_LENGTHS[1]}}}", re.ASCII)
LOCKS_AFTER = {"description": "Minutes without work after which the till locks."}
CLOSES_AT = {"description": "When shifts end at the latest: a time of day in the district's time zone."}


class PinText(Text):
    """A PIN of 4 to 6 digits."""

    def __init__(self, **options: Any) -> None:
        super().__init__(PIN_LENGTHS[1], **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        pin = super()._deserialize(value, attr, data, **options)
        if not _PIN.fullmatch(pin):
            raise Wrong("invalid-pin", _l("A PIN has 4 to 6 digits."))
        return pin

    def accepts(self) -> Shape:
        return {"type": "string", "pattern": "^[0-9]{4,6}$", "examples": ["2580"]}


class NewPinText(PinText):
    """A PIN that isn't among those that are tried first."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        pin = super()._deserialize(value, attr, data, **options)
        if is_simple(pin):
            raise Wrong("pin-too-simple", _l("A PIN of the same digit, or of digits in a row, is too easily guessed."))
        return pin


class TillBody(Body):
    store_id = Id("str", required=True)
    name = NameText(40, required=True, example="3 号机")
    locks_after_minutes = Integer(1, 240, load_default=10, example=10, metadata=LOCKS_AFTER)
    closes_at = Clock(load_default=None, allow_none=True, metadata=CLOSES_AT)


class TillChange(Body):
    name = NameText(40, example="3 号机")
    locks_after_minutes = Integer(1, 240, example=10, metadata=LOCKS_AFTER)
    closes_at = Clock(allow_none=True, metadata=CLOSES_AT)


class PairingCodeBody(Body):
    for_tests = Flag(
        load_default=False,
        metadata={"description": "Of a sandbox only: the code works for a year, and again and again."},
    )


class PairBody(Body):
    code = Text(40, required=True, example="4821 0937 5516 2048")


class ShiftBody(Body):
    cashier_id = Id("csh", required=True)
    pin = PinText(required=True)


class CashierBody(Body):
    name = NameText(40, required=True, example="小陈")
    pin = NewPinText(required=True)


class NewPinBody(Body):
    pin = NewPinText(required=True)


class CashierChange(Body):
    name = NameText(40, example="小陈")
    pin = NewPinText()


TILLS = page_query("til", store_id=Id("str"))
CASHIERS = page_query("csh")

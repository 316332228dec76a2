"""Verbs on test clocks."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.problems import ValidationFailed
from app.sandbox import clocks
from app.sandbox.errors import ClockAdvancing


def advance(uow: UnitOfWork, *, advance_seconds: int | None, advance_to: datetime | None) -> None:
    """Lets the clock go forwards, by seconds or to an instant.

    Raises ValidationFailed for the past and for what is too far, ClockAdvancing.
    """
    pointer = "/advance_seconds" if advance_to is None else "/advance_to"
    end = advance_to or uow.now + timedelta(seconds=advance_seconds or 0)
    if not clocks.is_within_reach(uow.now, end):
        detail = _l("A test clock goes forwards only, up to three years a call, and not beyond 2099.")
        raise ValidationFailed.at(pointer, "out-of-range", detail)
    if not clocks.ask_advance(uow, end):
        raise ClockAdvancing(_l("Wait until its `status` is `ready`."))

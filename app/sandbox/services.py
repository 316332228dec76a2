"""Verbs on test clocks."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.problems import ValidationFailed
from app.members import queries as members
from app.sandbox import clocks
from app.sandbox.errors import ClockAdvancing
from app.transactions.sales import queries as sales


def advance(uow: UnitOfWork, *, advance_seconds: int | None, advance_to: datetime | None) -> None:
    """Lets the clock go forwards, by seconds or to an instant. Raises ValidationFailed for what is too far or past, ClockAdvancing."""
    pointer = "/advance_seconds" if advance_to is None else "/advance_to"
    end = advance_to or uow.now + timedelta(seconds=advance_seconds or 0)
    if not clocks.is_within_reach(uow.now, end):
        detail = _l("A test clock goes forwards only, up to three years a call, and not beyond 2099.")
        raise ValidationFailed.at(pointer, "out-of-range", detail)
    if not clocks.ask_advance(uow, end):
        raise ClockAdvancing(_l("Wait until its `status` is `ready`."))


def begin(uow: UnitOfWork, begin_at: datetime) -> None:
    """Sets the clock of a sandbox without a history to an instant in the past, at once. Raises ValidationFailed, ClockAdvancing."""
    if not clocks.is_behind(uow, begin_at) or not _is_new(uow):
        detail = _l("Before anybody has joined or bought something a sandbox may begin up to three years ago.")
        raise ValidationFailed.at("/begin_at", "out-of-range", detail)
    if not clocks.begin_at(uow, begin_at):
        raise ClockAdvancing(_l("Wait until its `status` is `ready`."))


def _is_new(uow: UnitOfWork) -> bool:
    """Whether nobody has joined a district, nor bought anything there."""
    return not members.count_members(uow) and not sales.listed(uow, {}, 1)

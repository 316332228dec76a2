"""Books of a closed period for programs of plain-text accounting, in place of a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.fields import Body, Id
from app.foundation.i18n import words as _l
from app.foundation.problems import NotFound, ValidationFailed
from app.settlement import queries as settlement
from app.settlement.evidence.bookkeeping import WRITERS
from app.settlement.evidence.books import bookings, books_of


class BooksQuery(Body):
    """Of which period."""

    period_id = Id("per", required=True)


def check_is_closed(uow: UnitOfWork, period_id: str, pointer: str) -> None:
    """Books are of what doesn't change any more. Raises NotFound, ValidationFailed."""
    try:
        period = settlement.find_period(uow, period_id)
    except NotFound:
        raise NotFound.at(pointer, _l("settlement period")) from None
    if period.status != "closed":
        raise ValidationFailed.at(pointer, "out-of-range", _l("Books are those of a closed period."))


def lines_of_books(uow: UnitOfWork, query: Mapping[str, Any], form: str) -> Iterator[str]:
    """The books of a period."""
    period = settlement.find_period(uow, query["period_id"])
    return WRITERS[form](books_of(uow, period), bookings(uow, period))

"""Lists, newest first, paged by the id of the last row seen: stable while rows are added, and cheap on any page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute

from app.foundation.database.unit_of_work import UnitOfWork

DEFAULT_LIMIT = 20
T = TypeVar("T")


def page_of(
    uow: UnitOfWork,
    select: Select[T],
    key: InstrumentedAttribute[str],
    page: Mapping[str, Any],
    present: Callable[[T], dict[str, Any]],
) -> dict[str, Any]:
    """One page of a list. `page` holds `limit` and one of `starting_after` and `ending_before` (ids) at most."""
    rows, has_more = rows_of_page(uow, select, key, page)
    return list_answer([present(row) for row in rows], has_more=has_more)


def rows_of_page(
    uow: UnitOfWork, select: Select[T], key: InstrumentedAttribute[str], page: Mapping[str, Any]
) -> tuple[list[T], bool]:
    """The rows of one page, for who shows them together, and whether there are more."""
    after, before = page.get("starting_after"), page.get("ending_before")
    if after:
        select = select.where(key < after)
    if before:
        select = select.where(key > before)
    ordered = select.order_by(key.asc() if before else key.desc())
    return page_of_found(page, lambda limit: list(uow.session.scalars(ordered.limit(limit + 1))))


def page_of_found(page: Mapping[str, Any], find: Callable[[int], list[T]]) -> tuple[list[T], bool]:
    """The same of rows that `find` gives, one more than a limit: newest first, and oldest first before a cursor."""
    limit = page.get("limit") or DEFAULT_LIMIT
    rows = find(limit)
    has_more, rows = len(rows) > limit, rows[:limit]
    if page.get("ending_before"):
        rows.reverse()
    return rows, has_more


def list_answer(data: list[dict[str, Any]], *, has_more: bool = False) -> dict[str, Any]:
    """The body of a list."""
    return {"object": "list", "data": data, "has_more": has_more}

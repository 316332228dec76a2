"""Lists, newest first or sorted by a column, paged by the id of the last row seen: stable while rows are added, cheap on any page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Select, literal, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.foundation.database.unit_of_work import UnitOfWork

DEFAULT_LIMIT = 20
T = TypeVar("T")


class Sorting(NamedTuple):
    """How a page is read: by a name of a column, or (None) by ids; rising or falling, after or before a cursor."""

    by: str | None
    is_rising: bool
    cursor: str | None


def order_of(page: Mapping[str, Any]) -> Sorting:
    """The order of a page. `sort` is a name, with `-` before it for the greatest first; else the newest come first."""
    sort, before = page.get("sort") or "", page.get("ending_before")
    is_rising = bool(sort) and not sort.startswith("-")
    return Sorting(sort.lstrip("-") or None, is_rising != bool(before), before or page.get("starting_after"))


def sorts(*names: str) -> tuple[str, ...]:
    """What `sort` may be: names of columns, each from the least and from the greatest."""
    return tuple(f"{sign}{name}" for name in names for sign in ("", "-"))


def page_of(
    uow: UnitOfWork,
    found: Select[T],
    key: InstrumentedAttribute[str],
    page: Mapping[str, Any],
    present: Callable[[T], dict[str, Any]],
    columns: Mapping[str, InstrumentedAttribute[Any]] | None = None,
) -> dict[str, Any]:
    """One page of a list. `page` holds `limit`, one of `starting_after` and `ending_before` (ids) at most, and a `sort` of `columns`."""
    rows, has_more = rows_of_page(uow, found, key, page, columns)
    return list_answer([present(row) for row in rows], has_more=has_more)


def rows_of_page(
    uow: UnitOfWork,
    found: Select[T],
    key: InstrumentedAttribute[str],
    page: Mapping[str, Any],
    columns: Mapping[str, InstrumentedAttribute[Any]] | None = None,
) -> tuple[list[T], bool]:
    """The rows of one page, for who shows them together, and whether there are more."""
    order = order_of(page)
    by = [(columns or {})[order.by]] if order.by else []
    if order.cursor:
        here, there = (tuple_(*by, key), _at(uow, key, by[0], order.cursor)) if by else (key, order.cursor)
        found = found.where(here > there if order.is_rising else here < there)
    ordered = found.order_by(*(one.asc() if order.is_rising else one.desc() for one in (*by, key)))
    return page_of_found(page, lambda limit: list(uow.session.scalars(ordered.limit(limit + 1))))


def _at(
    uow: UnitOfWork, key: InstrumentedAttribute[str], column: InstrumentedAttribute[Any], cursor: str
) -> ColumnElement[Any]:
    """Where the row of a cursor stands."""
    row = aliased(key.class_)
    its = select(getattr(row, column.key)).where(row.district_id == uow.district_id, getattr(row, key.key) == cursor)
    return tuple_(its.scalar_subquery(), literal(cursor, key.type))


def page_of_found(page: Mapping[str, Any], find: Callable[[int], list[T]]) -> tuple[list[T], bool]:
    """The same of rows that `find` gives, one more than a limit: in their order, and the other way round before a cursor."""
    limit = page.get("limit") or DEFAULT_LIMIT
    rows = find(limit)
    has_more, rows = len(rows) > limit, rows[:limit]
    if page.get("ending_before"):
        rows.reverse()
    return rows, has_more


def list_answer(data: list[dict[str, Any]], *, has_more: bool = False) -> dict[str, Any]:
    """The body of a list."""
    return {"object": "list", "data": data, "has_more": has_more}

"""Pages of a list, over a session that answers a prepared statement from a list of rows."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Select, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.foundation.pagination import DEFAULT_LIMIT, list_answer, page_of


class Base(DeclarativeBase):
    pass


class Row(Base):
    __tablename__ = "rows"
    id: Mapped[str] = mapped_column(primary_key=True)


class Shelf:
    """Stands in for a unit of work: holds ids, and answers the one kind of statement that pages make."""

    def __init__(self, *ids: str) -> None:
        self.ids = ids
        self.session = self

    def scalars(self, statement: Select[Any]) -> list[Any]:
        sql = statement.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}).string
        above, below, number = _bounds(sql)
        found = sorted((one for one in self.ids if above < one < below), reverse=" DESC" in sql)
        return [SimpleNamespace(id=one) for one in found[:number]]


def _bounds(sql: str) -> tuple[str, str, int]:
    words = sql.replace("'", "").split()
    above = words[words.index(">") + 1] if ">" in words else ""
    below = words[words.index("<") + 1] if "<" in words else "~"
    return above, below, int(words[words.index("LIMIT") + 1])


def page(shelf: Shelf, **query: Any) -> tuple[list[str], bool]:
    answer = page_of(shelf, select(Row), Row.id, query, lambda row: {"id": row.id})  # type: ignore[arg-type]
    assert answer["object"] == "list"
    return [one["id"] for one in answer["data"]], answer["has_more"]


SHELF = Shelf("a", "b", "c", "d", "e")


@pytest.mark.parametrize(
    ("query", "ids", "has_more"),
    [
        ({"limit": 2}, "ed", True),
        ({"limit": 5}, "edcba", False),
        ({"limit": 4}, "edcb", True),
        ({"limit": 2, "starting_after": "d"}, "cb", True),
        ({"limit": 3, "starting_after": "d"}, "cba", False),
        ({"limit": 2, "starting_after": "a"}, "", False),
        ({"limit": 2, "ending_before": "b"}, "dc", True),
        ({"limit": 3, "ending_before": "b"}, "edc", False),
        ({"limit": 2, "ending_before": "e"}, "", False),
        ({"limit": 2, "starting_after": None, "ending_before": None}, "ed", True),
    ],
    ids=str,
)
def test_pages_newest_first(query: dict[str, Any], ids: str, has_more: bool) -> None:
    assert page(SHELF, **query) == (list(ids), has_more)


def test_twenty_if_nothing_is_said() -> None:
    shelf = Shelf(*(f"{one:03d}" for one in range(30)))
    ids, has_more = page(shelf)
    assert (len(ids), has_more, DEFAULT_LIMIT) == (20, True, 20)


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_walking_sees_every_row_once_both_ways(limit: int) -> None:
    shelf = Shelf(*(f"{one:03d}" for one in range(20)))
    down, (ids, more) = [], page(shelf, limit=limit)
    while True:
        down += ids
        if not more:
            break
        ids, more = page(shelf, limit=limit, starting_after=ids[-1])
    assert down == sorted(shelf.ids, reverse=True)

    up = down[-1:]
    while ids := page(shelf, limit=limit, ending_before=up[0])[0]:
        up = ids + up
    assert up == down


def test_an_empty_list() -> None:
    assert page(Shelf(), limit=3) == ([], False)
    assert list_answer([]) == {"object": "list", "data": [], "has_more": False}

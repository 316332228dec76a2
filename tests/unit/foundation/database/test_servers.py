"""Servers of a spread database: their addresses, what is remembered of places, and one that is away."""

from __future__ import annotations

import threading
from typing import Any, cast
from unittest import mock

import pytest
import sqlalchemy
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import OperationalError, ProgrammingError

from app.foundation.database import servers
from app.foundation.database.db import UNAVAILABLE, engine_options
from app.foundation.database.servers import Server, ServerAway, Spread
from app.foundation.ids import new_id
from app.foundation.tenancy import OPERATOR_DISTRICT
from tests.factories.processes import wait_until

GONE = OperationalError("connect", {}, Exception("refused"))


class Line:
    """Stands for an engine: whoever connects waits for `answers`, and is refused without it."""

    def __init__(self) -> None:
        self.answers = threading.Event()
        self.tries = 0

    def connect(self) -> mock.MagicMock:
        self.tries += 1
        if not self.answers.is_set():
            raise GONE
        return mock.MagicMock()

    def dispose(self) -> None:
        """Nothing is kept."""


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Line:
    """One that nobody answers."""
    monkeypatch.setattr(servers, "ASK_AGAIN_SECONDS", 0.01)
    return Line()


def server_on(line: Line, when_away: Any = lambda: None) -> Server:
    return Server("a:1", cast(Engine, line), when_away)


def test_who_meets_a_server_that_is_away_is_told_so_as_of_any_database(line: Line) -> None:
    server = server_on(line)
    with pytest.raises(UNAVAILABLE):
        server.connect()
    line.answers.set()
    assert wait_until(lambda: not server.is_away)


def test_whoever_comes_while_it_is_away_doesn_t_wait_for_it(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    asleep = threading.Event()
    monkeypatch.setattr(servers, "time", mock.Mock(sleep=lambda _: asleep.wait()))
    server = server_on(line)
    for _ in range(5):
        with pytest.raises(ServerAway):
            server.connect()
    assert line.tries == 1
    line.answers.set()
    asleep.set()
    assert wait_until(lambda: not server.is_away)
    server.connect()


@pytest.mark.parametrize("failure", [GONE, ProgrammingError("SELECT", {}, Exception("no function"))])
def test_while_it_is_away_districts_are_looked_for_elsewhere(line: Line, failure: Exception) -> None:
    looked = threading.Event()

    def look() -> None:
        if looked.is_set():
            again.set()
        looked.set()
        raise failure  # the coordinator may be away, or have forgotten its functions

    again = threading.Event()
    server = server_on(line, look)
    with pytest.raises(ServerAway):
        server.connect()
    assert wait_until(again.is_set)
    line.answers.set()
    assert wait_until(lambda: not server.is_away)


class Told(Spread):
    """What the coordinator would tell is given."""

    def __init__(self, url: str = "postgresql+psycopg://app@front/quantong", **places: tuple[str, int]) -> None:
        super().__init__(cast(Engine, None), make_url(url), {})
        self.places = places
        self.questions = 0

    def _find(self, district_ids: Any) -> dict[str, Server]:
        self.questions += 1
        found = {one: self._at(*place) for one, place in self.places.items() if district_ids in (None, [one])}
        self._places |= found
        return found


def test_a_place_is_asked_for_once_until_it_is_forgotten() -> None:
    one = new_id("dis")
    spread = Told(**{one: ("w1", 5432)})
    first = spread.server_of(one)
    assert first is not None
    assert (spread.server_of(one), spread.questions) == (first, 1)
    spread.places[one] = ("w2", 5433)
    assert spread.server_of(one) is first
    spread.forget(one)
    second = spread.server_of(one)
    assert second is not None
    assert (first.name, second.name, spread.questions) == ("w1:5432", "w2:5433", 2)


def test_what_has_no_place_is_the_coordinator_s() -> None:
    spread = Told()
    assert spread.server_of(OPERATOR_DISTRICT) is None
    assert spread.questions == 0
    assert spread.server_of(new_id("dis")) is None


def test_districts_of_one_server_are_listed_together_and_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    one, two, three = new_id("dis"), new_id("dis"), new_id("dis")
    spread = Told(**{one: ("w1", 1), two: ("w2", 1), three: ("w1", 1)})
    listed = {server.name: ids for server, ids in spread.by_server().items()}
    assert listed == {"w1:1": [one, three], "w2:1": [two]}
    spread.by_server()
    assert spread.questions == 1
    monkeypatch.setattr(spread, "_listed_until", 0.0)
    spread.by_server()
    assert spread.questions == 2


def test_a_coordinator_that_is_away_leaves_districts_where_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "LIST_SECONDS", 0.0)
    one = new_id("dis")
    spread, unknowing = Told(**{one: ("w1", 1)}), Told()
    listed = spread.by_server()
    for one_of_both in (spread, unknowing):
        monkeypatch.setattr(one_of_both, "_find", mock.Mock(side_effect=GONE))
    assert spread.by_server() == listed
    with pytest.raises(UNAVAILABLE):
        unknowing.by_server()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://app:secret@front:6000/quantong?sslmode=verify-full",
        "postgresql+psycopg://app:secret@/quantong?host=front&port=6000&sslmode=verify-full",
    ],
)
def test_another_server_is_reached_as_the_first_one_is(url: str) -> None:
    with mock.patch.object(sqlalchemy, "create_engine") as made:
        Told(url, d=("w1", 5433)).server_of("d")
    dialect = make_url(url).get_dialect()()
    _, parameters = dialect.create_connect_args(made.call_args.args[0])
    assert parameters == {
        "host": "w1",
        "port": "5433",
        "user": "app",
        "password": "secret",
        "dbname": "quantong",
        "sslmode": "verify-full",
    }


def test_plans_and_patience_are_those_of_several_servers_only_where_there_are_some() -> None:
    plain, spread = (
        engine_options(role="app", lock_timeout_ms=1, pool_size=1, is_spread=one)["connect_args"]
        for one in (False, True)
    )
    assert "plan_cache_mode=force_generic_plan" in plain["options"]
    assert "citus" not in plain["options"]
    assert "connect_timeout" not in plain
    assert "plan_cache_mode=auto" in spread["options"]
    assert "citus.propagate_set_commands=local" in spread["options"]
    assert spread["connect_timeout"] > 0

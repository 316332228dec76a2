"""The servers of a spread database: each district's rows stand on one of them (docs/scaling.md).

The address in the settings is the coordinator's: it serves what concerns all districts, and tells where each one is. A
district's connections go to its own server. Any of them could answer for any district, at more than twice the cost; but
locks by number live where one is connected, so that all who work in a district must be at one place. Whoever finds at the
end of a unit of work that the district has moved does it again there (`stay_with`).

A server that doesn't answer is asked again by one thread; everybody else is told at once, and waits for nothing.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import psycopg
import sqlalchemy
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from app.foundation.database.sql_arrays import id_array
from app.foundation.tenancy import OPERATOR_DISTRICT

log = logging.getLogger("quantong.servers")
ASK_AGAIN_SECONDS = 1.0
LIST_SECONDS = 2.0
"""For so long a list of all districts by server is good enough for whoever asks every server something."""
_PLACES = "SELECT district, host, port FROM district_servers(%s::uuid[])"


class ServerAway(psycopg.OperationalError):
    """The server of a district doesn't answer; nothing was done."""


class Server:
    """One server: its connections, and whether it answers. `when_away` is called now and then while it doesn't."""

    def __init__(self, name: str, engine: Engine, when_away: Callable[[], object]) -> None:
        self.name = name
        self.is_away = False
        self._engine = engine
        self._when_away = when_away
        self._lock = threading.Lock()

    def connect(self) -> Connection:
        """A connection. Raises ServerAway."""
        if self.is_away:
            raise ServerAway(f"{self.name} doesn't answer")
        try:
            return self._engine.connect()
        except OperationalError as error:
            self._note_away()
            raise ServerAway(f"{self.name} doesn't answer") from error

    def _note_away(self) -> None:
        with self._lock:
            if self.is_away:
                return
            self.is_away = True
        log.error("the database server %s doesn't answer: its districts rest", self.name)
        threading.Thread(target=self._wait, name=f"away-{self.name}", daemon=True).start()

    def _wait(self) -> None:
        self._engine.dispose()
        while self.is_away:
            time.sleep(ASK_AGAIN_SECONDS)
            with suppress(SQLAlchemyError):
                self._when_away()
            with suppress(SQLAlchemyError), self._engine.connect():
                self.is_away = False
        log.warning("the database server %s answers again", self.name)


class Spread:
    """Which district is on which server, as the coordinator told; what it told holds until it is found to be wrong."""

    def __init__(self, coordinator: Engine, url: URL, options: dict[str, Any]) -> None:
        self._coordinator = coordinator
        self._url = url
        self._options = options
        self._lock = threading.Lock()
        self._servers: dict[tuple[str, int], Server] = {}
        self._places: dict[str, Server] = {}
        self._listed: dict[Server, list[str]] = {}
        self._listed_until = 0.0

    @property
    def servers(self) -> list[Server]:
        """Those that are known."""
        return list(self._servers.values())

    def server_of(self, district_id: str) -> Server | None:
        """Where a district is; None, the coordinator, for one that isn't there, and for the operator's place."""
        if district_id == OPERATOR_DISTRICT:
            return None
        return self._places.get(district_id) or self._find([district_id]).get(district_id)

    def forget(self, district_id: str) -> None:
        """Lets the coordinator be asked again where a district is."""
        self._places.pop(district_id, None)

    def by_server(self) -> dict[Server, list[str]]:
        """All districts, by the server that they are on; as of the last time if the coordinator is away."""
        if time.monotonic() >= self._listed_until:
            try:
                self._list(self._find(None))
            except OperationalError:
                if not self._listed:
                    raise
                log.warning("the coordinator doesn't answer: districts are taken to be where they were")
            self._listed_until = time.monotonic() + LIST_SECONDS
        return self._listed

    def _list(self, places: Mapping[str, Server]) -> None:
        listed: dict[Server, list[str]] = {}
        for district_id, server in places.items():
            listed.setdefault(server, []).append(district_id)
        self._listed = listed

    def _find(self, district_ids: Sequence[str] | None) -> dict[str, Server]:
        """Asks the coordinator; None means all districts."""
        wanted = None if district_ids is None else id_array(district_ids)
        with self._coordinator.connect() as connection:
            rows = connection.exec_driver_sql(_PLACES, (wanted,)).all()
        with self._lock:
            found = {f"dis_{district}": self._at(host, port) for district, host, port in rows}
        self._places |= found
        return found

    def _at(self, host: str, port: int) -> Server:
        server = self._servers.get((host, port))
        if server is None:
            engine = sqlalchemy.create_engine(self._url_at(host, port), **self._options)
            server = self._servers[host, port] = Server(f"{host}:{port}", engine, lambda: self._find(None))
        return server

    def _url_at(self, host: str, port: int) -> URL:
        """The settings' address with another host and port, also where these stand in its query."""
        rest = {name: value for name, value in self._url.query.items() if name not in ("host", "port")}
        return self._url.set(host=None, port=None, query={**rest, "host": host, "port": str(port)})

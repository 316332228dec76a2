"""What an event tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import ClassVar

import orjson
import psycopg
import pytest
from psycopg import errors as pg

from app.foundation.database.outbox import IN_COMMIT, Event, add_day, write_events
from app.foundation.database.unit_of_work import UnitOfWork, unit_of_work
from app.foundation.ids import new_id
from app.foundation.tenancy import OPERATOR, system_principal
from tests.factories.districts import District, new_phone


@dataclass(frozen=True, slots=True)
class DoorOpened(Event):
    type: ClassVar[str] = "door.opened"
    door_id: str
    guests: int


@dataclass(frozen=True, slots=True)
class DoorClosed(Event):
    type: ClassVar[str] = "door.closed"
    door_id: str


class Uow:
    """Refuses to be asked anything."""

    def execute(self, *_: object) -> None:
        raise AssertionError("nothing happened, so nothing is written")


def test_a_payload_is_the_event_s_fields() -> None:
    told = orjson.loads(orjson.dumps(DoorOpened("d1", 3).payload()))
    assert told == {"door_id": "d1", "guests": 3}
    assert DoorOpened.type == "door.opened"


def test_no_events_are_no_statement() -> None:
    write_events(Uow(), [])  # type: ignore[arg-type]


def told(superuser: psycopg.Connection, district_id: str) -> list[tuple[str, dict[str, object]]]:
    """Events of a district in the order of their ids."""
    rows = superuser.execute(
        "SELECT type, payload FROM outbox WHERE district_id = %s ORDER BY id", (district_id[4:],)
    ).fetchall()
    return [(kind, payload) for kind, payload in rows]


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize("pipelined", [False, True])
def test_events_are_in_the_commit_of_what_they_tell(superuser: psycopg.Connection, pipelined: bool) -> None:
    district = new_id("dis")
    with unit_of_work(system_principal(district), pipelined=pipelined) as uow:
        uow.emit(DoorOpened('"门\\', 1))
        uow.emit(DoorOpened("d2", 2), DoorOpened("d3", 3))
        assert told(superuser, district) == []
    doors = [{"door_id": '"门\\', "guests": 1}, {"door_id": "d2", "guests": 2}, {"door_id": "d3", "guests": 3}]
    assert told(superuser, district) == [("door.opened", door) for door in doors]


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize("pipelined", [False, True])
def test_events_fall_with_what_they_tell(superuser: psycopg.Connection, pipelined: bool) -> None:
    district = new_id("dis")
    with pytest.raises(KeyError), unit_of_work(system_principal(district), pipelined=pipelined) as uow:
        uow.emit(DoorOpened("d1", 1))
        raise KeyError
    assert told(superuser, district) == []


@pytest.mark.usefixtures("context")
def test_a_reaction_is_part_of_the_commit(superuser: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    district = new_id("dis")

    def close(uow: UnitOfWork, events: object) -> None:
        uow.emit(DoorClosed("d1"))
        raise KeyError

    monkeypatch.setitem(IN_COMMIT, DoorOpened, [close])
    with pytest.raises(KeyError), unit_of_work(system_principal(district)) as uow:
        uow.emit(DoorOpened("d1", 1))
    assert told(superuser, district) == []


def test_a_sale_s_events_tell_ids_and_figures(district: District, superuser: psycopg.Connection) -> None:
    phone = new_phone()
    member = district.member(phone, name="王小明")
    sale = district.report(member_id=member).ok(201)
    events = told(superuser, district.id)
    recorded = dict(events)["transaction.recorded"]
    assert (recorded["transaction_id"], recorded["points_earned"]) == (sale["id"], 128)
    assert [kind for kind, _ in events][-3:] == ["member.enrolled", "transaction.recorded", "membership.started"]
    assert phone not in str(events)
    assert "王" not in str(events)


def happen(superuser: psycopg.Connection, moment: datetime) -> None:
    """An event of some instant: its id (RFC 9562, version 7) and its recording say so."""
    digits = f"{int(moment.timestamp() * 1000):012x}7000{'8' + '0' * 15}"
    superuser.execute(
        "INSERT INTO outbox (district_id, id, type, payload, recorded_at) VALUES (%s, %s, 'x', '{}', %s)",
        (new_id("dis")[4:], digits, moment),
    )


@pytest.mark.usefixtures("context")
def test_a_day_s_partition_is_added_once_and_holds_that_day(superuser: psycopg.Connection) -> None:
    day = date(2081, 5, 6)
    with unit_of_work(OPERATOR) as uow:
        assert add_day(uow, day) is True
        assert add_day(uow, day) is False
    for moment in (datetime(2081, 5, 6, tzinfo=UTC), datetime(2081, 5, 6, 23, 59, 59, tzinfo=UTC)):
        happen(superuser, moment)
    for moment in (datetime(2081, 5, 5, 23, 59, 59, tzinfo=UTC), datetime(2081, 5, 7, tzinfo=UTC)):
        happen(superuser, moment)
    assert superuser.execute("SELECT count(*) FROM outbox_20810506").fetchone() == (2,)
    superuser.execute("DROP TABLE outbox_20810506")


@pytest.mark.usefixtures("context")
def test_a_day_whose_rows_came_first_stays_where_they_are(superuser: psycopg.Connection) -> None:
    happen(superuser, datetime(2082, 1, 1, 12, tzinfo=UTC))
    with unit_of_work(OPERATOR) as uow:
        assert add_day(uow, date(2082, 1, 1)) is False
        assert add_day(uow, date(2082, 1, 2)) is True
    superuser.execute("DROP TABLE outbox_20820102")


@pytest.mark.usefixtures("context")
def test_a_partition_is_no_way_around_the_wall(district: District) -> None:
    for part in ("outbox_rest", f"outbox_{datetime.now(UTC):%Y%m%d}"):
        with pytest.raises(pg.InsufficientPrivilege), unit_of_work(system_principal(district.id)) as uow:
            uow.rows(f"SELECT * FROM {part}")

"""What an event tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import orjson

from app.foundation.outbox import Event, write_events


@dataclass(frozen=True, slots=True)
class DoorOpened(Event):
    type: ClassVar[str] = "door.opened"
    door_id: str
    guests: int


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

"""Events: written to the outbox in the commit of what they tell, so that neither exists without the other.

Payloads carry ids and figures, never personal data. `IN_COMMIT` holds the reactions that belong to the same commit;
`app/wiring.py` fills it and is the only place that does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from app.foundation.database.sql_arrays import id_array, json_array, text_array, unnested
from app.foundation.ids import new_id

if TYPE_CHECKING:
    from app.foundation.database.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Event:
    """Something that has happened. `type` is its name on the wire."""

    type: ClassVar[str]

    def payload(self) -> Any:
        """What subscribers are told, as JSON can say it: the fields, unless a subclass tells less."""
        return self


IN_COMMIT: dict[type[Event], list[Callable[[UnitOfWork, Any], None]]] = {}
"""By kind of event, reactions to a list of them; those emitted together come together."""
_INSERT = f"""
    INSERT INTO outbox (district_id, id, type, payload, recorded_at)
    VALUES (%(district)s::uuid, {unnested(ids="uuid", types="text", payloads="jsonb")}, %(now)s::timestamptz)
"""

WAITING = "(SELECT type, payload FROM outbox WHERE district_id = %(district)s::uuid AND NOT is_taken)"
"""Events that nobody has taken yet, as a part of a larger question."""


def write_events(uow: UnitOfWork, events: list[Event]) -> None:
    """Appends events to the outbox in one statement, in the order in which they happened."""
    if not events:
        return
    uow.write(
        _INSERT,
        {
            "ids": id_array([new_id("evt") for _ in events]),
            "types": text_array([event.type for event in events]),
            "payloads": json_array([event.payload() for event in events]),
        },
    )


def add_day(uow: UnitOfWork, day: date) -> bool:
    """Makes the outbox's partition of a day (UTC); False if it is there, or its rows have come before it."""
    return bool(uow.rows("SELECT outbox_add_day(%s)", (day,))[0][0])

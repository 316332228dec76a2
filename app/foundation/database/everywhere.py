"""Questions about all districts: one to the one server of a plain database, or one to each of a spread one."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from app.foundation.database.db import UNAVAILABLE
from app.foundation.database.sql_arrays import Packed, id_array
from app.foundation.database.unit_of_work import UnitOfWork, unit_of_work
from app.foundation.runtime import runtime
from app.foundation.tenancy import OPERATOR

log = logging.getLogger("quantong.servers")
T = TypeVar("T")


def ask_everywhere(ask: Callable[[UnitOfWork, Packed | None], list[T]]) -> list[T]:
    """What the servers answer, joined. Each is asked with the districts that it has; None stands for all there are.

    A server of several that is away answers nothing, and holds up no other; the only one raises.
    """
    spread = runtime().spread
    if spread is None:
        with unit_of_work(OPERATOR) as uow:
            return ask(uow, None)
    answers: list[T] = []
    for server, district_ids in spread.by_server().items():
        try:
            with unit_of_work(OPERATOR, at=server) as uow:
                answers += ask(uow, id_array(district_ids))
        except UNAVAILABLE as error:
            log.debug("%s wasn't asked: %s", server.name, type(error).__name__)
    return answers


def learn_places() -> None:
    """Lets whoever goes through all districts know in one question on which servers they are."""
    spread = runtime().spread
    if spread is not None:
        spread.by_server()

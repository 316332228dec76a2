"""`/v1/till`: a till for itself."""

from __future__ import annotations

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.routing import TILL, Call, Routes, needs_none
from app.staff.tills import answers, pairing, present, queries, schemas, shifts
from app.staff.tills.errors import PinLocked, WrongPin

own_till = Routes("own_till", __name__, url_prefix="/v1/till")


@own_till.serve("GET", "", scope=TILL, answers={200: answers.OWN_TILL}, till=needs_none)
def get_own_till(uow: UnitOfWork, call: Call) -> Answer:
    """Read oneself: the till, its store, who opens it, whose shift is open, and what time it is."""
    return Answer(present.show_own_till(uow, queries.find_till(uow, call.principal.id)))


@own_till.serve(
    "POST",
    "/token",
    scope=TILL,
    answers={201: answers.TILL_TOKEN},
    replay=present.opened,
    replay_seconds=present.REPLAYED_SECONDS,
    till=needs_none,
)
def renew_token(uow: UnitOfWork, call: Call) -> Answer:
    """Take another token. The present one works until a minute after the new one was first used."""
    body = present.show_pass(pairing.renew(uow))
    return Answer(body, 201, stored=present.sealed(body))


@own_till.serve(
    "POST",
    "/shift",
    scope=TILL,
    body=schemas.ShiftBody(),
    answers={201: answers.OWN_TILL},
    problems=(WrongPin, PinLocked),
    replay=lambda uow, stored: present.show_own_till(uow, queries.find_till(uow, stored["till_id"])),
    beside=shifts.right_pin,
    till=needs_none,
)
def open_shift(uow: UnitOfWork, call: Call) -> Answer:
    """Open the till for a cashier by PIN. The fifth wrong PIN in a row locks it at this till for a minute, each further
    one for twice as long; meanwhile the right one is refused, too.
    """
    shifts.open_shift(uow, call.body["cashier_id"], call.beside)
    till = queries.find_till(uow, call.principal.id)
    return Answer(present.show_own_till(uow, till), 201, stored={"till_id": till.id})


@own_till.serve("DELETE", "/shift", scope=TILL, answers={200: answers.OWN_TILL}, till=needs_none)
def close_shift(uow: UnitOfWork, call: Call) -> Answer:
    """Lock the till."""
    shifts.close_shift(uow)
    return Answer(present.show_own_till(uow, queries.find_till(uow, call.principal.id)))

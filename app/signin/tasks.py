"""Jobs of this room."""

from __future__ import annotations

import logging

from app.districts.walking import once_in_every_district
from app.foundation.apart import each_apart
from app.foundation.runtime import runtime
from app.foundation.tenancy import OPERATOR_DISTRICT, system_principal
from app.foundation.unit_of_work import UnitOfWork, unit_of_work
from app.signin import codes, queries, sessions
from app.signin.rules import Challenge
from app.sms.port import NotSent
from app.sms.sender import sender_for

log = logging.getLogger("quantong.signin")


def send_code(district_id: str, challenge_id: str) -> bool:
    """Sends the code of a challenge; says whether it has left. The message goes between two units of work."""
    challenge, principal = Challenge(district_id, challenge_id), system_principal(district_id)
    with unit_of_work(principal) as uow:
        sender = sender_for(runtime().settings, is_sandbox=uow.is_sandbox)
        phone = codes.take(uow, challenge) if sender is not None else None
    if sender is None or phone is None:
        return False
    try:
        sender.send_code(phone, codes.code_of(challenge))
    except NotSent as error:
        fields = {"district_id": district_id, "code": error.code, "may_pass": error.may_pass}
        log.error("a sign-in code was not sent", extra={"fields": fields})
        if error.may_pass:
            return False
    with unit_of_work(principal) as uow:
        codes.sent(uow, challenge)
    return True


def send_waiting_codes() -> int:
    """Sends codes whose job was lost or failed; gives how many have left."""
    with unit_of_work(system_principal(OPERATOR_DISTRICT)) as uow:
        waiting = queries.codes_waiting(uow)
    return each_apart(send_code, waiting)


def forget_old_sign_ins() -> int:
    """Forgets codes and sessions that are over, in every district; gives their number."""
    return once_in_every_district(_forget_old)


def _forget_old(uow: UnitOfWork) -> int:
    return codes.forget_old(uow) + sessions.forget_old(uow)

"""Members whom people of staff name: by number, or by phone as who asks for it by the API."""

from __future__ import annotations

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.problems import NotFound
from app.members import naming, queries
from app.members.rules import NotAPhone, parse_phone

NUMBER_DIGITS = 10


def member_of(uow: UnitOfWork, text: str, pointer: str) -> str:
    """The id of the one member whom the principal knows by a number or a phone. Raises NotFound, RateLimited."""
    wanted = "".join(text.split())
    if len(wanted) == NUMBER_DIGITS and wanted.isdecimal():
        query = queries.present_members(uow, number=wanted)
    else:
        naming.count_question(uow.principal)
        query = queries.present_members(uow, phone=_phone(wanted, pointer))
    found = uow.session.scalars(query).one_or_none()
    if found is None:
        raise NotFound.at(pointer, _l("member"))
    return found.id


def _phone(text: str, pointer: str) -> str:
    try:
        return parse_phone(text)
    except NotAPhone:
        raise NotFound.at(pointer, _l("member")) from None

"""`/v1/me/code-key` and `/v1/me/code`: what a shopper's phone makes and shows member codes from."""

from __future__ import annotations

from typing import Any

from app.foundation import symbols
from app.foundation.http.answers import Answer
from app.foundation.http.routing import SHOPPER, Call, Room
from app.foundation.http.shapes import PICTURE
from app.foundation.unit_of_work import UnitOfWork
from app.members import answers, code_keys, codes, queries, schemas
from app.members.models import Member

my_code = Room("my_code", __name__, url_prefix="/v1/me")
SECRET = {"Cache-Control": "no-store"}


def present_key(member: Member, secret: bytes) -> dict[str, Any]:
    """A key as the phone gets it: all that TOTP needs (RFC 6238)."""
    return {
        "object": "code_key",
        "member_id": member.id,
        "number": member.number,
        "prefix": codes.PREFIX,
        "key": codes.secret_text(secret),
        "algorithm": "SHA256",
        "digits": codes.DIGITS,
        "period_seconds": int(codes.STEP.total_seconds()),
    }


def _current(uow: UnitOfWork) -> dict[str, Any]:
    member = queries.find_member(uow, uow.principal.id)
    return present_key(member, code_keys.current_secret(uow, member))


@my_code.serve("GET", "/code-key", scope=SHOPPER, answers={200: answers.CODE_KEY})
def get_code_key(uow: UnitOfWork, call: Call) -> Answer:
    """Read the key of one's member codes; the first to ask makes it.

    A code is the prefix, the number, and six digits of TOTP (RFC 6238) that change every minute. Phones make codes
    without network; they take the time from the header `Date` of this answer, for their own clock may be wrong.
    """
    return Answer(_current(uow), headers=SECRET)


@my_code.serve(
    "POST",
    "/code-key/rotate",
    scope=SHOPPER,
    answers={200: answers.CODE_KEY},
    replay=lambda uow, stored: _current(uow),
    audit="code_key.replaced",
)
def rotate_code_key(uow: UnitOfWork, call: Call) -> Answer:
    """Take a new key: codes made from the old one, on a phone that was lost, prove nothing any more."""
    member = queries.find_member(uow, call.principal.id)
    secret = code_keys.replace(uow, member)
    return Answer(present_key(member, secret), stored={"member_id": member.id}, headers=SECRET)


@my_code.serve("GET", "/code", scope=SHOPPER, query=schemas.CodePictureQuery(), answers={200: PICTURE})
def draw_code(uow: UnitOfWork, call: Call) -> Answer:
    """Draw the member code of this minute, for a screen that can't make it by itself."""
    member = queries.find_member(uow, call.principal.id)
    code = codes.make_code(member.number, code_keys.current_secret(uow, member), uow.now)
    draw = symbols.qr if call.query["symbol"] == "qr" else symbols.code128
    return Answer({}, picture=draw(code, call.query["format"]), headers=SECRET)

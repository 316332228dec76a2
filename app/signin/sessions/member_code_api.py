"""`/v1/me/code-key` and `/v1/me/code`: what a shopper's phone makes and shows member codes from."""

from __future__ import annotations

from werkzeug.http import http_date

from app.foundation import symbols
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.contract.shapes import PICTURE
from app.foundation.http.routing import SHOPPER, Call, Routes
from app.members import answers, queries, schemas
from app.members.codes import keys as code_keys
from app.members.codes import rules as codes
from app.signin.present import show_key
from app.signin.sessions.own_codes import lock_session, own_key

my_code = Routes("my_code", __name__, url_prefix="/v1/me")
SECRET = {"Cache-Control": "no-store"}


def _headers(uow: UnitOfWork) -> dict[str, str]:
    """With the time of a sandbox; everybody's is the web server's to say."""
    return {**SECRET, "Date": http_date(uow.now)} if uow.is_sandbox else SECRET


@my_code.serve("GET", "/code-key", scope=SHOPPER, answers={200: answers.CODE_KEY})
def get_code_key(uow: UnitOfWork, call: Call) -> Answer:
    """Read the key from which this phone makes member codes; asked for the first time, it is made.

    Each session has its own, which ends with it. A code is the prefix, the number, and six digits of TOTP (RFC 6238)
    that change every minute. Phones make codes without network; they take the time from the header `Date` of this
    answer, for their own clock may be wrong, and a sandbox has a time of its own.
    """
    return Answer(show_key(*own_key(uow)), headers=_headers(uow))


@my_code.serve(
    "POST",
    "/code-key/rotate",
    scope=SHOPPER,
    answers={200: answers.CODE_KEY},
    replay=lambda uow, stored: show_key(*own_key(uow)),
    audit="code_key.replaced",
)
def rotate_code_key(uow: UnitOfWork, call: Call) -> Answer:
    """Take a new key, and end all others of the member: codes of phones that hold them prove nothing any more.

    A phone that is still signed in fetches a new one; to shut it out, end its session.
    """
    member = queries.find_member(uow, call.principal.id)
    session = lock_session(uow, member.id)
    secret = code_keys.replace_keys(uow, member.id, session.id, session.expires_at)
    return Answer(show_key(member.id, member.number, secret), stored={"member_id": member.id}, headers=_headers(uow))


@my_code.serve("GET", "/code", scope=SHOPPER, query=schemas.CodePictureQuery(), answers={200: PICTURE})
def draw_code(uow: UnitOfWork, call: Call) -> Answer:
    """Draw the member code of this minute, for a screen that can't make it by itself."""
    _, number, secret = own_key(uow)
    code = codes.make_code(number, secret, uow.now)
    draw = symbols.qr if call.query["symbol"] == "qr" else symbols.code128
    return Answer({}, picture=draw(code, call.query["format"]), headers=SECRET)

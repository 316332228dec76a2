"""`/v1/staff/sessions` and how one comes by one: sign-in of staff, its second factor, forgotten passwords."""

from __future__ import annotations

from app.foundation.database.once import do_once
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.routing import ANYONE, STAFF, Call, Routes
from app.foundation.jobs.queue import Job
from app.foundation.pagination import page_of
from app.foundation.problems import DomainError, NotFound
from app.signin.errors import InvalidCode, PhoneNotServed, SmsUnavailable
from app.signin.sms_codes import rules as codes
from app.staff import answers, queries, schemas
from app.staff.errors import SignInRefused
from app.staff.models import StaffSession
from app.staff.present import REPLAYED_SECONDS, Begun, answer_begun, once_begun, open_token, show_session
from app.staff.sessions import services as sessions
from app.staff.sessions import signing_in
from app.staff.sessions.signing_in import Prepared

staff_sessions = Routes("staff_sessions", __name__, url_prefix="/v1/staff")
SEND = "app.signin.tasks.send_code"
BEGUN = {201: answers.OPENED, 202: answers.WAITING_SIGN_IN}


@staff_sessions.serve(
    "POST",
    "/sessions",
    scope=ANYONE,
    body=schemas.SignInBody(),
    answers=BEGUN,
    problems=(SignInRefused, InvalidCode, NotFound),
    visitor=signing_in.visitor_of_login,
    beside=signing_in.before,
    replay=open_token,
    replay_seconds=REPLAYED_SECONDS,
)
def sign_in_staff(uow: UnitOfWork, call: Call) -> Answer:
    """Sign in as staff, with a password.

    201 with a token that works for twelve hours; or 202 where the account has a second factor and no `otp` is sent: give it to
    `POST /v1/staff/sessions/second-factor`. One refusal stands for all that may be wrong, and takes as long.
    """
    prepared: Prepared = call.beside
    begun = signing_in.sign_in(uow, prepared, otp=call.body["otp"], district=call.body["district"])
    return Answer.refused(begun) if isinstance(begun, DomainError) else answer_begun(begun)


@staff_sessions.serve(
    "POST",
    "/codes",
    scope=ANYONE,
    body=schemas.StaffCodeBody(),
    answers={202: answers.CODE_SENT},
    problems=(PhoneNotServed, SmsUnavailable),
    visitor=signing_in.visitor_of_login,
)
def ask_for_staff_code(uow: UnitOfWork, call: Call) -> Answer:
    """Ask for a code by SMS, or by e-mail where the installation sends any, to sign in or to set another password.

    The answer is the same whether or not the login is an account's; the code leaves only where it is.
    """
    challenge, limits = signing_in.ask_code(uow, call.body["login"])
    body = {
        "object": "staff_challenge",
        "challenge": challenge.text,
        "expires_in": int(codes.LASTS.total_seconds()),
    }
    return Answer(body, 202, headers=limits, jobs=(Job(SEND, (challenge.district_id, challenge.id)),))


@staff_sessions.serve(
    "POST",
    "/sessions/by-code",
    scope=ANYONE,
    body=schemas.SignInByCodeBody(),
    answers=BEGUN,
    problems=(InvalidCode,),
    visitor=signing_in.visitor_of_challenge,
    own_transaction=True,
)
def sign_in_staff_by_code(call: Call) -> Answer:
    """Sign in as staff, with a code to the phone or the e-mail address that is the login."""

    def work(uow: UnitOfWork) -> Begun:
        return signing_in.sign_in_by_code(uow, **call.body)

    begun = do_once(call.principal, work, once_begun(call), origin=call.origin)
    if isinstance(begun, DomainError):
        return Answer.refused(begun)
    return answer_begun(signing_in.settle(begun, call.body["district"]))


@staff_sessions.serve(
    "POST",
    "/sessions/second-factor",
    scope=ANYONE,
    body=schemas.SecondFactorBody(),
    answers={201: answers.OPENED},
    problems=(SignInRefused, InvalidCode),
    visitor=lambda body: signing_in.visitor_of_secret(body["token"]),
    replay=open_token,
    replay_seconds=REPLAYED_SECONDS,
)
def give_second_factor(uow: UnitOfWork, call: Call) -> Answer:
    """Give the second factor of a sign-in that waits: a code, a code on paper, or a passkey.

    The fifth wrong one ends it.
    """
    given = {name: one for name, one in call.body.items() if name != "token"}
    begun = signing_in.give_second_factor(uow, call.body["token"], given)
    return Answer.refused(begun) if isinstance(begun, DomainError) else answer_begun(begun)


@staff_sessions.serve(
    "POST",
    "/password-resets",
    scope=ANYONE,
    body=schemas.PasswordResetBody(),
    answers={200: answers.DONE},
    problems=(InvalidCode,),
    visitor=signing_in.visitor_of_challenge,
    beside=signing_in.before_reset,
)
def reset_password(uow: UnitOfWork, call: Call) -> Answer:
    """Set another password with a code to the login. All sessions of the account end; its second factor stays."""
    account = signing_in.reset_password(
        uow, challenge=call.body["challenge"], code=call.body["code"], password_hash=call.beside
    )
    if isinstance(account, DomainError):
        return Answer.refused(account)
    return Answer({"object": "account", "id": account.id, "status": "changed"})


@staff_sessions.serve("GET", "/sessions", scope=STAFF, query=schemas.SESSIONS, answers={200: answers.MY_SESSIONS})
def list_staff_sessions(uow: UnitOfWork, call: Call) -> Answer:
    """List the sessions by which one is signed in as staff, newest first."""
    rows = queries.open_sessions(uow, call.principal.id)
    return Answer(page_of(uow, rows, StaffSession.id, call.query, show_session(uow)))


@staff_sessions.serve(
    "DELETE",
    "/sessions/<sts:session_id>",
    scope=STAFF,
    answers={200: answers.ENDED},
    audit="staff_session.ended",
)
def end_staff_session(uow: UnitOfWork, call: Call, session_id: str) -> Answer:
    """End one of one's sessions, or this one: sign out. Its token stops within five seconds."""
    queries.find_session(uow, call.principal.id, session_id)
    sessions.end_sessions(uow, call.principal.id, "revoked", only=session_id)
    return Answer({"object": "staff_session", "id": session_id, "status": "ended"})


@staff_sessions.serve(
    "DELETE", "/sessions", scope=STAFF, answers={200: answers.ENDED}, audit="staff_session.others_ended"
)
def end_other_staff_sessions(uow: UnitOfWork, call: Call) -> Answer:
    """End all of one's sessions but this one."""
    own = sessions.current(uow)
    sessions.end_sessions(uow, call.principal.id, "revoked", but=own.id)
    return Answer({"object": "staff_session", "id": own.id, "status": "ended"})

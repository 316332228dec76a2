"""`/v1/auth` and `/v1/me`."""

from __future__ import annotations

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.routing import ANYONE, SHOPPER, Call, Routes
from app.foundation.jobs.queue import Job
from app.foundation.problems import DomainError, NotFound
from app.signin import answers, schemas, services
from app.signin.errors import ConsentRequired, InvalidCode, PhoneNotServed, SessionOver, SmsUnavailable
from app.signin.inbox_api import test_inbox
from app.signin.phones.api import my_phone
from app.signin.present import REPLAYED_SECONDS, open_tokens, seal_tokens, show_me, show_tokens
from app.signin.sessions import services as sessions
from app.signin.sessions.api import my_sessions
from app.signin.sessions.member_code_api import my_code
from app.signin.sessions.services import SignedIn
from app.signin.sms_codes import rules
from app.signin.sms_codes import services as sms_codes

auth = Routes("auth", __name__, url_prefix="/v1/auth")
me = Routes("me", __name__, url_prefix="/v1/me")
ROOMS = (auth, me, my_phone, my_sessions, my_code, test_inbox)
SEND = "app.signin.tasks.send_code"


def _signed_in(signed_in: SignedIn) -> Answer:
    return Answer(show_tokens(signed_in), stored=seal_tokens(signed_in))


@auth.serve(
    "POST",
    "/codes",
    scope=ANYONE,
    body=schemas.CodeBody(),
    answers={202: answers.SENT},
    problems=(NotFound, PhoneNotServed, SmsUnavailable),
    visitor=services.visitor_of_phone,
)
def ask_for_code(uow: UnitOfWork, call: Call) -> Answer:
    """Ask for a sign-in code by SMS.

    The answer is the same whether or not the phone is a member's. The code works for five minutes, once, together with
    the challenge, and ends after five wrong tries.
    """
    challenge, limits = sms_codes.ask_code(uow, call.body["phone"])
    body = {"object": "challenge", "challenge": challenge.text, "expires_in": int(rules.LASTS.total_seconds())}
    return Answer(body, 202, headers=limits, jobs=(Job(SEND, (challenge.district_id, challenge.id)),))


@auth.serve(
    "POST",
    "/tokens",
    scope=ANYONE,
    body=schemas.TokenBody(),
    answers={200: answers.TOKENS},
    problems=(InvalidCode, ConsentRequired, SessionOver),
    visitor=services.visitor_of_challenge,
    replay=open_tokens,
    replay_seconds=REPLAYED_SECONDS,
)
def sign_in(uow: UnitOfWork, call: Call) -> Answer:
    """Sign in with a code, and join if the phone is no member's yet.

    Joining needs `consents`, at least `{"controller": "district", "purpose": "membership"}`; without them the code stays
    usable for a second call. With `store_id` the member also joins that store's merchant. Under an `Idempotency-Key` the
    tokens can be asked for again for a minute, while their session goes on.
    """
    outcome = services.sign_in(uow, **call.body)
    return Answer.refused(outcome) if isinstance(outcome, DomainError) else _signed_in(outcome)


@auth.serve(
    "POST",
    "/refresh",
    scope=ANYONE,
    body=schemas.RefreshBody(),
    answers={200: answers.TOKENS},
    problems=(SessionOver,),
    visitor=services.visitor_of_token,
    replay=open_tokens,
    replay_seconds=REPLAYED_SECONDS,
)
def refresh(uow: UnitOfWork, call: Call) -> Answer:
    """Change a refresh token for new tokens.

    It works once: used again it ends the session. Send an `Idempotency-Key`, so that a lost answer can be asked for again
    within a minute.
    """
    signed_in = sessions.carry_on(uow, call.body["refresh_token"])
    return Answer.refused(services.session_over()) if signed_in is None else _signed_in(signed_in)


@auth.serve(
    "POST",
    "/revoke",
    scope=ANYONE,
    body=schemas.RefreshBody(),
    answers={200: answers.REVOKED},
    problems=(SessionOver,),
    visitor=services.visitor_of_token,
)
def revoke(uow: UnitOfWork, call: Call) -> Answer:
    """Sign out: end the session of a refresh token; its access tokens stop within five seconds."""
    sessions.revoke(uow, call.body["refresh_token"])
    return Answer({"object": "session", "status": "ended"})


@me.serve("GET", "", scope=SHOPPER, answers={200: answers.ME})
def get_me(uow: UnitOfWork, call: Call) -> Answer:
    """Read oneself: the member who is signed in, with its points."""
    return Answer(show_me(uow, call.principal.id))

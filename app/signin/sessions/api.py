"""`/v1/me/sessions`: on which phones a member is signed in, and how one that was lost is shut out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.foundation.clock import format_instant
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.routing import SHOPPER, Call, Routes
from app.foundation.pagination import page_of
from app.signin import answers, queries, schemas
from app.signin.models import SignInSession
from app.signin.sessions import services as sessions

my_sessions = Routes("my_sessions", __name__, url_prefix="/v1/me/sessions")


def _presenter(uow: UnitOfWork) -> Callable[[SignInSession], dict[str, Any]]:
    def show(row: SignInSession) -> dict[str, Any]:
        return {
            "object": "session",
            "id": row.id,
            "device": row.device or None,
            "started_at": format_instant(row.started_at),
            "used_at": format_instant(row.used_at),
            "expires_at": format_instant(row.expires_at),
            "is_current": row.id == uow.principal.session_id,
        }

    return show


@my_sessions.serve("GET", "", scope=SHOPPER, query=schemas.SESSIONS, answers={200: answers.MY_SESSIONS})
def list_sessions(uow: UnitOfWork, call: Call) -> Answer:
    """List the sessions by which one is signed in, newest first; there are five at most."""
    rows = queries.open_sessions(uow, call.principal.id)
    return Answer(page_of(uow, rows, SignInSession.id, call.query, _presenter(uow)))


@my_sessions.serve("GET", "/<ses:session_id>", scope=SHOPPER, answers={200: answers.MY_SESSION})
def get_session(uow: UnitOfWork, call: Call, session_id: str) -> Answer:
    """Read one of one's sessions that goes on."""
    return Answer(_presenter(uow)(queries.find_session(uow, call.principal.id, session_id)))


@my_sessions.serve("DELETE", "/<ses:session_id>", scope=SHOPPER, answers={200: answers.REVOKED}, audit="session.ended")
def end_session(uow: UnitOfWork, call: Call, session_id: str) -> Answer:
    """End one of one's sessions, such as that of a lost phone, and the key from which it makes member codes.

    Its access tokens stop within five seconds.
    """
    queries.find_session(uow, call.principal.id, session_id)
    sessions.end_sessions(uow, call.principal.id, "revoked", only=session_id)
    return Answer({"object": "session", "status": "ended"})


@my_sessions.serve("DELETE", "", scope=SHOPPER, answers={200: answers.REVOKED}, audit="session.others_ended")
def end_other_sessions(uow: UnitOfWork, call: Call) -> Answer:
    """End all of one's sessions but this one."""
    sessions.end_sessions(uow, call.principal.id, "revoked", but=call.principal.session_id)
    return Answer({"object": "session", "status": "ended"})

"""The key from which the phone of a session makes its member's codes."""

from __future__ import annotations

from app.foundation.database.unit_of_work import UnitOfWork
from app.members import queries
from app.members.codes import keys as code_keys
from app.members.codes import queries as code_queries
from app.signin.models import SignInSession
from app.signin.sessions import services as sessions


def own_key(uow: UnitOfWork) -> tuple[str, str, bytes]:
    """Id and number of the member who calls, and the key of the session by which it does. Raises Unauthorized."""
    member = queries.find_member(uow, uow.principal.id)
    secret = code_queries.secret_of_session(uow, member.id, sessions.current(uow).id)
    if secret is None:
        session = lock_session(uow, member.id)
        secret = code_keys.secret_of_session(uow, member.id, session.id, session.expires_at)
    return member.id, member.number, secret


def lock_session(uow: UnitOfWork, member_id: str) -> SignInSession:
    """The session by which a member calls: whoever ends it comes before its key is made, or ends that too."""
    queries.lock_member_row(uow, member_id)
    return sessions.current(uow, hold=True)

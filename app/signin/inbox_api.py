"""`/v1/test-inbox`: the codes of a sandbox, which leave for no phone."""

from __future__ import annotations

from app.foundation.clock import format_instant
from app.foundation.http.answers import Answer
from app.foundation.http.routing import Call, Room
from app.foundation.pagination import list_answer
from app.foundation.unit_of_work import UnitOfWork
from app.signin import answers, codes, schemas

MOST_SHOWN = 100

test_inbox = Room("test_inbox", __name__, url_prefix="/v1/test-inbox")


@test_inbox.serve(
    "GET",
    "",
    scope="members:read",
    alliance_only=True,
    sandbox_only=True,
    query=schemas.InboxQuery(),
    answers={200: answers.TEST_MESSAGES},
)
def list_test_messages(uow: UnitOfWork, call: Call) -> Answer:
    """List the sign-in codes of this sandbox that work still, newest first; those to one `phone`, or all.

    No code of a sandbox is sent to a phone.
    """
    found = [one for one in codes.kept(uow) if call.query.get("phone") in (None, one.phone)]
    shown = [
        {
            "object": "test_message",
            "phone": one.phone,
            "code": one.code,
            "sent_at": format_instant(one.asked_at),
            "expires_at": format_instant(one.expires_at),
        }
        for one in found[:MOST_SHOWN]
    ]
    return Answer(list_answer(shown, has_more=len(found) > MOST_SHOWN))

"""`/v1/test-inbox`: the codes and notices of a sandbox, which leave for no phone."""

from __future__ import annotations

from typing import Any

from app.foundation.clock import format_instant
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.routing import Call, Routes
from app.foundation.pagination import list_answer
from app.signin import answers, schemas
from app.signin.phones import notices
from app.signin.sms_codes import services as sms_codes

MOST_SHOWN = 100
test_inbox = Routes("test_inbox", __name__, url_prefix="/v1/test-inbox")


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
    """List what this sandbox would send, newest first, to one `phone` or all.

    That is sign-in codes that work still, and for a week notices to numbers that cease to be a member's. Nothing of a
    sandbox is sent to a phone.
    """
    every: list[sms_codes.KeptCode | notices.KeptNotice] = [*sms_codes.kept_codes(uow), *notices.kept_notices(uow)]
    every.sort(key=lambda one: one.asked_at, reverse=True)
    found = [one for one in every if call.query.get("phone") in (None, one.phone)]
    return Answer(list_answer([_show_message(one) for one in found[:MOST_SHOWN]], has_more=len(found) > MOST_SHOWN))


def _show_message(one: sms_codes.KeptCode | notices.KeptNotice) -> dict[str, Any]:
    code, day = (one.code, None) if isinstance(one, sms_codes.KeptCode) else (None, one.changes_on.isoformat())
    return {
        "object": "test_message",
        "kind": "notice" if code is None else "code",
        "phone": one.phone,
        "code": code,
        "changes_on": day,
        "sent_at": format_instant(one.asked_at),
        "expires_at": format_instant(one.expires_at),
    }

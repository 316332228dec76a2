"""What happens at sign-in. Ids only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.foundation.database.outbox import Event


@dataclass(frozen=True, slots=True)
class SessionStarted(Event):
    """A member has signed in."""

    type: ClassVar[str] = "session.started"
    member_id: str
    session_id: str


@dataclass(frozen=True, slots=True)
class SessionEnded(Event):
    """A member's session has ended before its time.

    `reason`: `revoked` by the member; `reused`, since a refresh token came twice; `phone-changed`; `phone-kept`, since
    it asked for a change of the phone and the old number was proven meanwhile; `phone-recycled`,
    since the member was away for long and somebody else has the number now; `erased` or `merged` with the member;
    `too-many`, since the member has signed in on as many other phones as it may.
    """

    type: ClassVar[str] = "session.ended"
    member_id: str
    session_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class AllSessionsEnded(Event):
    """All sessions of the district have ended at once, so many of them: every member signs in anew."""

    type: ClassVar[str] = "sessions.all_ended"
    sessions: int

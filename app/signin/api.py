"""`/v1/auth` and `/v1/me`."""

from __future__ import annotations

from app.foundation.http.answers import Answer
from app.foundation.http.routing import SHOPPER, Call, Room
from app.foundation.unit_of_work import UnitOfWork
from app.members.api import show_member
from app.points.api import show_points
from app.signin import answers

me = Room("me", __name__, url_prefix="/v1/me")
ROOMS = (me,)


@me.serve("GET", "", scope=SHOPPER, answers={200: answers.ME})
def get_me(uow: UnitOfWork, call: Call) -> Answer:
    """Read oneself: the member who is signed in, with its points."""
    own = call.principal.id
    return Answer({**show_member(uow, own), "points": show_points(uow, own)})

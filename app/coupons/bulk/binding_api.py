"""Codes become members' coupons: `POST /v1/members/{id}/coupons`."""

from __future__ import annotations

from app.coupons.bill.errors import CodeMistyped
from app.coupons.bulk import schemas
from app.coupons.bulk.binding import BINDS_NOT, bind
from app.coupons.errors import ClaimLimitReached
from app.coupons.guessing import one_guess
from app.coupons.issuing import answers, queries
from app.coupons.issuing.present import show_coupon
from app.coupons.redeeming.refusals import REFUSALS
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.routing import Call, Routes
from app.foundation.problems import Forbidden, NotFound, RateLimited
from app.members.errors import MemberIsFrozen

binding = Routes("binding", __name__, url_prefix="/v1/members/<mem:member_id>/coupons")


@binding.serve(
    "POST",
    "",
    scope="coupons:issue",
    body=schemas.BindingBody(),
    answers={200: answers.COUPON},
    problems=(
        CodeMistyped,
        NotFound,
        Forbidden,
        MemberIsFrozen,
        ClaimLimitReached,
        *(REFUSALS[one] for one in BINDS_NOT),
        RateLimited,
    ),
    replay=lambda uow, stored: show_coupon(uow, queries.find_coupon(uow, stored["coupon_id"])),
    audit="coupon.bound",
    beside=one_guess,
    shopper=True,
)
def bind_coupon(uow: UnitOfWork, call: Call, member_id: str) -> Answer:
    """Make a bearer's coupon a member's, by its code: by the member itself, or by a key for the member.

    In any state of its campaign, within the campaign's limits per member. Again it is the same answer.
    """
    bound = bind(uow, member_id, call.body["code"])
    kept = {"coupon_id": bound.coupon.id}
    is_told = bound.is_new and call.principal.kind != "member"
    return Answer(show_coupon(uow, bound.coupon), stored=kept, audited=kept if is_told else None)

"""A member's coupons, and `/v1/coupons`."""

from __future__ import annotations

from app.coupons.bill.errors import CodeMistyped
from app.coupons.errors import CouponIsOver
from app.coupons.guessing import one_guess
from app.coupons.issuing import answers, code_index, queries, schemas, voiding
from app.coupons.issuing.models import Coupon
from app.coupons.issuing.present import show_coupon_of_code, show_coupons
from app.foundation import symbols
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.contract.shapes import PICTURE
from app.foundation.http.routing import Call, Routes
from app.foundation.pagination import list_answer, rows_of_page
from app.foundation.problems import Forbidden, NotFound, RateLimited
from app.members import queries as members
from app.members.errors import MemberUnproven

member_coupons = Routes("member_coupons", __name__, url_prefix="/v1/members/<mem:member_id>/coupons")
coupons = Routes("coupons", __name__, url_prefix="/v1/coupons")
SECRET = {"Cache-Control": "no-store"}


@member_coupons.serve(
    "GET",
    "",
    scope="coupons:read",
    query=schemas.COUPONS,
    answers={200: answers.COUPONS},
    problems=(MemberUnproven,),
    audit="member.coupons_read",
    shopper=True,
)
def list_coupons(uow: UnitOfWork, call: Call, member_id: str) -> Answer:
    """List a member's coupons, newest first; by the clock, whatever jobs have done.

    A merchant's key reads those of members who have shown themselves there, without their codes.
    """
    query = queries.of_member(uow, members.find_readable(uow, member_id).id)
    if call.query.get("status"):
        query = query.where(queries.is_now(uow, call.query["status"]))
    rows, has_more = rows_of_page(uow, query, Coupon.id, call.query)
    return Answer(list_answer(show_coupons(uow, rows), has_more=has_more))


@coupons.serve(
    "GET",
    "/<code:code>",
    scope="coupons:read",
    answers={200: answers.COUPON},
    problems=(CodeMistyped, NotFound, RateLimited),
    beside=one_guess,
    shopper=True,
)
def get_coupon(uow: UnitOfWork, call: Call, code: str) -> Answer:
    """Read a coupon by its code, as it was scanned or typed.

    Any shop of the district reads whose campaign it is, and nothing of the member.
    """
    return Answer(show_coupon_of_code(uow, queries.coupon_of_code(uow, code)))


@coupons.serve(
    "GET",
    "/<code:code>/qr",
    scope="coupons:read",
    query=schemas.CouponPictureQuery(),
    answers={200: PICTURE},
    problems=(CodeMistyped, NotFound, RateLimited),
    beside=one_guess,
    shopper=True,
)
def draw_coupon(uow: UnitOfWork, call: Call, code: str) -> Answer:
    """Draw a coupon's code, and nothing but the code, for a screen that can't make it by itself."""
    coupon = queries.coupon_of_code(uow, code)
    draw = symbols.qr if call.query["symbol"] == "qr" else symbols.code128
    plain = code_index.code_again(coupon.id, coupon.code_key)
    assert plain is not None, "it was found by its code"
    return Answer({}, picture=draw(plain, call.query["format"]), headers=SECRET)


@coupons.serve(
    "POST",
    "/<code:code>/void",
    scope="coupons:issue",
    body=schemas.VoidBody(),
    answers={200: answers.COUPON},
    problems=(CodeMistyped, NotFound, Forbidden, CouponIsOver, RateLimited),
    beside=one_guess,
    audit="coupon.voided",
    replay=lambda uow, stored: show_coupon_of_code(uow, queries.find_coupon(uow, stored["coupon_id"])),
)
def void_coupon(uow: UnitOfWork, call: Call, code: str) -> Answer:
    """Take back a coupon that hasn't been used, with a reason; a merchant one of its own campaigns."""
    coupon = voiding.void(uow, code, call.body["reason"])
    return Answer(show_coupon_of_code(uow, coupon), stored={"coupon_id": coupon.id})

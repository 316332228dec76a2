"""What becomes of a whole member: `/v1/members/{id}/freeze`, `merge`, `export`, and `DELETE`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import render_template

from app.care import answers, exporting, previewing, schemas, services
from app.coupons.errors import CouponIsHeld
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.contract.shapes import PAGE
from app.foundation.http.routing import Call, Routes
from app.foundation.i18n import choose_locale
from app.foundation.symbols import Picture
from app.members.answers import MEMBER
from app.members.errors import MemberIsFrozen
from app.members.present import show_member
from app.signin.errors import FreshProofRequired
from app.signin.phones import services as phones

care = Routes("care", __name__, url_prefix="/v1/members/<mem:member_id>")
ROOMS = (care,)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_PRIVATE = {"Cache-Control": "no-store"}


def _show(uow: UnitOfWork, stored: dict[str, Any]) -> dict[str, Any]:
    return show_member(uow, stored["id"])


def _shown(uow: UnitOfWork, member_id: str) -> Answer:
    uow.session.flush()
    return Answer(show_member(uow, member_id), stored={"id": member_id})


def _changed(uow: UnitOfWork, changed: services.ChangedMember) -> Answer:
    """The member as it is now; what changed nothing leaves no audit entry."""
    answer = _shown(uow, changed.member_id)
    return answer if changed.is_new else replace(answer, audited=None)


@care.serve(
    "POST",
    "/freeze",
    scope="members:write",
    alliance_only=True,
    answers={200: MEMBER},
    replay=_show,
    audit="member.frozen",
)
def freeze(uow: UnitOfWork, call: Call, member_id: str) -> Answer:
    """Freeze a member: it earns and is refunded, but can't spend or claim."""
    return _changed(uow, services.freeze(uow, member_id))


@care.serve(
    "POST",
    "/unfreeze",
    scope="members:write",
    alliance_only=True,
    answers={200: MEMBER},
    replay=_show,
    audit="member.unfrozen",
)
def unfreeze(uow: UnitOfWork, call: Call, member_id: str) -> Answer:
    """Let a frozen member spend and claim again."""
    return _changed(uow, services.unfreeze(uow, member_id))


@care.serve(
    "POST",
    "/spend-lock",
    scope="members:write",
    alliance_only=True,
    body=schemas.SpendLockBody(),
    answers={200: answers.SPEND_LOCK},
    problems=(FreshProofRequired,),
    audit="member.spend_lock_changed",
    shopper=True,
)
def lock_spending(uow: UnitOfWork, call: Call, member_id: str) -> Answer:
    """Lock a member's points against spending, or unlock them with `{"locked": false}`.

    A member unlocks its own after a fresh code to its number (see `/v1/me/proofs`).
    """
    locked = call.body["locked"]
    if not locked:
        phones.check_fresh(uow)
    member_id = services.lock_spending(uow, member_id, locked=locked)
    return Answer({"object": "spend_lock", "member_id": member_id, "locked": locked}, audited={"locked": locked})


@care.serve(
    "GET",
    "/merge-preview",
    scope="members:read",
    alliance_only=True,
    query=schemas.MergeQuery(),
    answers={200: answers.MERGE_PREVIEW},
    audit="member.merge_previewed",
)
def preview_merge(uow: UnitOfWork, call: Call, member_id: str) -> Answer:
    """Say what a merge would make of two members, and change nothing."""
    into = call.query["into"]
    return Answer(previewing.preview(uow, member_id, into), audited={"into": into})


@care.serve(
    "POST",
    "/merge",
    scope="members:write",
    alliance_only=True,
    body=schemas.MergeBody(),
    answers={200: MEMBER},
    problems=(MemberIsFrozen, CouponIsHeld),
    replay=_show,
    audit="member.merged",
)
def merge(uow: UnitOfWork, call: Call, member_id: str) -> Answer:
    """Make this member part of another, for good: points, debts, sales and memberships go there, and so does its id."""
    return _shown(uow, services.merge(uow, member_id, call.body["into"]))


@care.serve(
    "GET",
    "/export",
    scope="members:read",
    alliance_only=True,
    step_up=True,
    answers={200: answers.EXPORT},
    problems=(FreshProofRequired,),
    audit="member.exported",
    shopper=True,
)
def export(uow: UnitOfWork, call: Call, member_id: str) -> Answer:
    """Export everything that is known of a member; to itself after a fresh code to its number (see `/v1/me/proofs`)."""
    phones.check_fresh(uow)
    return Answer(exporting.export(uow, member_id), headers=_PRIVATE)


@care.serve(
    "GET",
    "/export/page",
    scope="members:read",
    alliance_only=True,
    step_up=True,
    answers={200: PAGE},
    problems=(FreshProofRequired,),
    audit="member.exported",
    shopper=True,
)
def export_page(uow: UnitOfWork, call: Call, member_id: str) -> Answer:
    """The same to read and to print, in the language of `Accept-Language`."""
    phones.check_fresh(uow)
    page = render_template("export.html", told=exporting.export(uow, member_id), language=choose_locale())
    picture = Picture(page.encode(), "text/html; charset=utf-8")
    return Answer({}, picture=picture, headers={**_PRIVATE, "Content-Security-Policy": _POLICY})


@care.serve(
    "DELETE",
    "",
    scope="members:write",
    alliance_only=True,
    answers={200: MEMBER},
    problems=(FreshProofRequired,),
    audit="member.erased",
    shopper=True,
)
def erase(uow: UnitOfWork, call: Call, member_id: str) -> Answer:
    """Forget a person, for good. Points are lost, sales stay without a name, and the books still balance.

    Again, after an answer that was lost, it answers alike and changes nothing. The member's own tokens end with it; its
    own call needs a fresh code to its number (see `/v1/me/proofs`).
    """
    phones.check_fresh(uow)
    return _changed(uow, services.erase(uow, member_id))

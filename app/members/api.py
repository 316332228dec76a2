"""`/v1/members`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.districts import queries as districts
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.batches import BatchOf, Item, result
from app.foundation.http.routing import Call, Routes
from app.foundation.i18n import words as _l
from app.foundation.problems import DomainError, Flaw, Forbidden, NotFound, RateLimited, ValidationFailed, told_again
from app.foundation.runtime import keyring
from app.members import answers, enrolling, naming, queries, schemas, services
from app.members.enrolling import Enrolled, Enrolment
from app.members.errors import BirthdayFixed, IdentityTaken, PhoneTaken
from app.members.present import page_of_members, show_consent, show_known, show_member, show_members

members = Routes("members", __name__, url_prefix="/v1/members")
ROOMS = (members,)
_WAYS = {"member": "member"}
"""How a consent came, by the kind of principal."""


def _all_enrolled(uow: UnitOfWork, stored: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Answers to enrolments: all that is the caller's to read of a new member, id and masked phone of one known before."""
    rows = queries.members_of(uow, [one["member_id"] for one in stored])
    new = [one["member_id"] for one in stored if one["is_new"]]
    whole = dict(zip(new, show_members(uow, [rows[one] for one in new]), strict=True))
    return [
        whole[one["member_id"]] if one["is_new"] else show_known(rows[one["member_id"]], _phone_sent(one))
        for one in stored
    ]


def _as_stored(outcome: Enrolled, phone: str) -> dict[str, Any]:
    """What is kept of an enrolment: of a known member the phone that was sent, sealed, for it may have others too."""
    stored = {"member_id": outcome.member_id, "is_new": outcome.is_new}
    if outcome.is_new:
        return stored
    return {**stored, "phone": keyring().seal(phone, bound_to=f"{outcome.member_id}/phone").hex()}


def _phone_sent(stored: dict[str, Any]) -> str | None:
    """None for an answer kept by an older version."""
    sealed = bytes.fromhex(stored["phone"]) if "phone" in stored else None
    return services.open_field(sealed, stored["member_id"], "phone")


def _enrolled(uow: UnitOfWork, stored: dict[str, Any]) -> dict[str, Any]:
    return _all_enrolled(uow, [stored])[0]


@members.serve(
    "POST",
    "",
    scope="members:write",
    body=schemas.MemberBody(),
    answers={201: answers.MEMBER, 200: answers.KNOWN_MEMBER},
    problems=(IdentityTaken, RateLimited),
    replay=_enrolled,
)
def enrol(uow: UnitOfWork, call: Call) -> Answer:
    """Enrol a member: 201, or 200 with id and masked phone where the phone already is one."""
    [outcome] = enrolling.enrol(uow, [_enrolment(uow, call, call.body, {})])
    if isinstance(outcome, DomainError):
        raise outcome
    stored = _as_stored(outcome, call.body["phone"])
    return Answer(_enrolled(uow, stored), 201 if outcome.is_new else 200, headers=outcome.limits, stored=stored)


def _batch_enrolled(uow: UnitOfWork, stored: dict[str, Any]) -> dict[str, Any]:
    done = [one for one in stored["results"] if "member_id" in one]
    bodies = iter(_all_enrolled(uow, done))
    results = [
        result(index, 201 if one["is_new"] else 200, "member", next(bodies))
        if "member_id" in one
        else result(index, one["status"], "problem", told_again(one))
        for index, one in enumerate(stored["results"])
    ]
    return {"object": "batch", "results": results}


@members.serve(
    "POST",
    "/batch",
    scope="members:write",
    batch=BatchOf("members", schemas.MemberBody()),
    answers={200: answers.MEMBER_BATCH},
    replay=_batch_enrolled,
)
def enrol_batch(uow: UnitOfWork, call: Call) -> Answer:
    """Enrol up to 1,000 members; each stands alone, in order, as if enrolled singly."""
    shops: dict[str, str] = {}
    wanted = [_enrolment_or_refusal(uow, call, item, shops) for item in call.items]
    outcomes = iter(enrolling.enrol(uow, [one for one in wanted if isinstance(one, Enrolment)]))
    results = [(next(outcomes), one.phone) if isinstance(one, Enrolment) else (one, "") for one in wanted]
    stored = {
        "results": [one.as_kept() if isinstance(one, DomainError) else _as_stored(one, phone) for one, phone in results]
    }
    counted = [one.limits for one, _ in results if isinstance(one, Enrolled) and one.limits]
    return Answer(_batch_enrolled(uow, stored), headers=counted[-1] if counted else {}, stored=stored)


def _enrolment_or_refusal(uow: UnitOfWork, call: Call, item: Item, shops: dict[str, str]) -> Enrolment | DomainError:
    if isinstance(item, DomainError):
        return item
    try:
        return _enrolment(uow, call, item, shops)
    except DomainError as error:
        return error


def _enrolment(uow: UnitOfWork, call: Call, given: dict[str, Any], shops: dict[str, str]) -> Enrolment:
    """What is asked for, at the shop of the store named or of the key. Raises ValidationFailed, NotFound, Forbidden.

    `shops` remembers merchants by store and consents' controllers that were found for the items before.
    """
    body = dict(given)
    services.check_birthday(uow, body["birthday"])
    if body["tags"]:
        _check_may_tag(call)
    store_id = body.pop("store_id") or call.principal.store_id
    merchant_id = call.principal.merchant_id
    if store_id:
        if store_id not in shops:
            shops[store_id] = districts.store_exists(uow, store_id).merchant_id
        merchant_id = shops[store_id]
    for position, consent in enumerate(body["consents"]):
        controller = consent["controller"]
        if controller not in shops:
            _check_controller(uow, controller, f"/consents/{position}/controller", merchant_id)
            shops[controller] = controller
    return Enrolment(merchant_id=merchant_id, **body)


def _check_may_tag(call: Call) -> None:
    if not call.principal.is_alliance:
        raise Forbidden(_l("Only a key of the whole district may set tags."))


def _check_controller(uow: UnitOfWork, controller: str, pointer: str, own_merchant: str | None) -> None:
    """A merchant records consents to the district and to itself; the alliance, to any of its merchants."""
    if controller not in ("district", own_merchant):
        try:
            districts.find_merchant(uow, controller)
        except NotFound:
            raise NotFound.at(pointer, _l("merchant")) from None


@members.serve(
    "GET",
    "",
    scope="members:read",
    query=schemas.MEMBERS,
    answers={200: answers.MEMBERS},
    problems=(RateLimited,),
    audit="members.listed",
)
def list_members(uow: UnitOfWork, call: Call) -> Answer:
    """List members; a merchant's key sees its own. With `phone` or `number`, the one member who has it or none.

    `tag`: to a merchant's key, of those members whose tags it reads.
    """
    headers = naming.count_question(uow.principal) if "phone" in call.query else {}
    page = page_of_members(uow, call.query)
    read = [one["id"] for one in page["data"]]
    return Answer(page, headers=headers, audited={"member_ids": read} if read else None)


@members.serve(
    "GET",
    "/<mem:member_id>",
    scope="members:read",
    answers={200: answers.MEMBER},
    audit="member.read",
    shopper=True,
)
def get_member(uow: UnitOfWork, call: Call, member_id: str) -> Answer:
    """Read a member: a merchant reads what it wrote itself until the member has shown itself there, say by a code."""
    return Answer(show_member(uow, member_id))


@members.serve(
    "PATCH",
    "/<mem:member_id>",
    scope="members:write",
    body=schemas.MemberChange(),
    answers={200: answers.MEMBER},
    problems=(PhoneTaken, IdentityTaken, BirthdayFixed),
    audit="member.changed",
    shopper=True,
)
def update_member(uow: UnitOfWork, call: Call, member_id: str) -> Answer:
    """Change a member's name, birthday, phone or identities; members change their own name and birthday.

    A merchant's key changes name, birthday and identities of a member whom it newly enrolled, until that member has
    signed in or shown a code. `tags` and the phone are changed with a key of the whole district, the phone with a
    `reason`: the old number is told, sessions and keys of member codes end, and spending rests for 24 hours. A birthday
    that is known is changed once in 365 days, unless by
    such a key.
    """
    _check_own_changes(call)
    if "tags" in call.body:
        _check_may_tag(call)
    _check_may_change_phone(call)
    services.update_member(uow, member_id, call.body)
    return Answer(show_member(uow, member_id))


def _check_may_change_phone(call: Call) -> None:
    """A phone is how a member signs in: the alliance changes it where it says why, the member by codes, a shop never."""
    if "phone" in call.body and not call.principal.is_alliance:
        detail = _l("Only a key of the whole district may change a phone; members do it by codes.")
        raise Forbidden(detail, flaws=[Flaw("/phone", "not-for-shops", detail)])
    if ("phone" in call.body) != ("reason" in call.body):
        needed = "reason" if "phone" in call.body else "phone"
        detail = _l("A phone is changed with a reason, and nothing else has one.")
        raise ValidationFailed.at(f"/{needed}", "required", detail)


def _check_own_changes(call: Call) -> None:
    """What tells who a member is needs more than the member's word."""
    others = call.body.keys() - {"name", "birthday"}
    if call.principal.kind == "member" and others:
        detail = _l("Members change their own name and birthday; a new phone needs a code.")
        raise Forbidden(detail, flaws=[Flaw(f"/{name}", "not-for-members", detail) for name in sorted(others)])


@members.serve(
    "POST",
    "/<mem:member_id>/consents",
    scope="members:write",
    body=schemas.ConsentBody(),
    answers={201: answers.CONSENT},
    audit="consent.recorded",
    shopper=True,
)
def record_consent(uow: UnitOfWork, call: Call, member_id: str) -> Answer:
    """Record a consent given or withdrawn, to the district or to one merchant."""
    member_id = _lock_own(uow, member_id)
    _check_controller(uow, call.body["controller"], "/controller", call.principal.merchant_id)
    [row] = services.record_consents(uow, [(member_id, call.body)], way=_WAYS.get(call.principal.kind, "api"))
    return Answer(show_consent(row), 201, audited={"consent_id": row.id})


def _lock_own(uow: UnitOfWork, member_id: str) -> str:
    """A member in whose name the principal may speak: not a merchant that only says to know it. Raises NotFound, Forbidden."""
    member = services.lock_present(uow, member_id)
    if member.id not in queries.readable(uow, [member.id]):
        services.check_own_writing(uow, member, ["granted"])
    return member.id

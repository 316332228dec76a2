"""`/v1/staff`: who works here, in which role; and invitations, by which people come."""

from __future__ import annotations

from typing import Any

from app.foundation.database.once import Once
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.routing import ANYONE, STAFF, Call, Routes, once_of
from app.foundation.pagination import page_of
from app.foundation.problems import Forbidden
from app.foundation.runtime import keyring
from app.staff import answers, queries, schemas
from app.staff.accounts import letters
from app.staff.errors import AccountElsewhere, AlreadyStaff, InvitationOver, LastAdmin, LoginKnown
from app.staff.models import Invitation, StaffMember
from app.staff.people import invitations, resetting, services
from app.staff.people.present import show_invitation, show_new_invitation, show_staff_member
from app.staff.present import answer_begun, once_begun
from app.staff.sessions import signing_in

staff = Routes("staff", __name__, url_prefix="/v1/staff")


@staff.serve(
    "GET", "", scope="staff:read", installation=True, query=schemas.STAFF, answers={200: answers.STAFF_MEMBERS}
)
def list_staff(uow: UnitOfWork, call: Call) -> Answer:
    """List who works here; for a merchant's manager, at its merchant."""
    query = queries.staff(uow)
    if call.query.get("role"):
        query = query.where(StaffMember.role == call.query["role"])
    return Answer(page_of(uow, query, StaffMember.account_id, call.query, show_staff_member))


@staff.serve("GET", "/<acc:account_id>", scope="staff:read", installation=True, answers={200: answers.STAFF_MEMBER})
def get_staff_member(uow: UnitOfWork, call: Call, account_id: str) -> Answer:
    """Read who somebody is here."""
    return Answer(show_staff_member(queries.find_staff(uow, account_id)))


@staff.serve(
    "PATCH",
    "/<acc:account_id>",
    scope="staff:write",
    installation=True,
    step_up=True,
    body=schemas.RoleBody(),
    answers={200: answers.STAFF_MEMBER},
    problems=(LastAdmin,),
    audit="staff.role_changed",
)
def change_role(uow: UnitOfWork, call: Call, account_id: str) -> Answer:
    """Give somebody another role. Nobody gives or takes one with scopes it lacks; its sessions here end."""
    row = services.change_role(uow, account_id, services.post_of(uow, **call.body))
    return Answer(show_staff_member(row))


@staff.serve(
    "DELETE",
    "/<acc:account_id>",
    scope="staff:write",
    installation=True,
    step_up=True,
    answers={200: answers.STAFF_MEMBER},
    problems=(LastAdmin,),
    audit="staff.removed",
)
def remove_staff(uow: UnitOfWork, call: Call, account_id: str) -> Answer:
    """Let somebody work here no more; its sessions here end. The last one who may do everything can't be removed."""
    return Answer(show_staff_member(services.remove(uow, account_id)))


@staff.serve(
    "POST",
    "/<acc:account_id>/second-factor/reset",
    scope="staff:write",
    installation=True,
    step_up=True,
    answers={200: answers.STAFF_MEMBER},
    problems=(AccountElsewhere,),
    own_transaction=True,
)
def reset_second_factor(call: Call, account_id: str) -> Answer:
    """Take away the second factors of somebody who has lost them; its sessions end, and it is told at once and when it signs in.

    Somebody who works elsewhere, too, isn't one district's to reset.
    """
    reset = resetting.reset_second_factor(call.principal, account_id, call.origin, _once_reset(call))
    headers = {"Idempotent-Replayed": "true"} if reset.is_replay else {}
    return Answer(show_staff_member(reset.row), headers=headers, jobs=() if reset.is_replay else (letters.SEND,))


def _once_reset(call: Call) -> Once[bool] | None:
    """Nothing but that it was done stands under the key: who is told of is read again."""
    return once_of(call, lambda was_before: (200, {}) if was_before is False else None, lambda uow, stored: True)


def _sealed(body: dict[str, Any]) -> dict[str, Any]:
    sealed = keyring().seal(body["url"], bound_to=body["id"]).hex()
    return {"id": body["id"], "sealed": sealed, "sent_by": body["sent_by"]}


def _again(uow: UnitOfWork, stored: dict[str, Any]) -> dict[str, Any]:
    """Raises NotFound where the invitation is open no more."""
    url = keyring().open(bytes.fromhex(stored["sealed"]), bound_to=stored["id"])
    invited = show_invitation(queries.find_invitation(uow, stored["id"]))
    return {**invited, "url": url, "sent_by": stored.get("sent_by")}


@staff.serve(
    "POST",
    "/invitations",
    scope="staff:write",
    installation=True,
    step_up=True,
    body=schemas.InvitationBody(),
    answers={201: answers.NEW_INVITATION},
    replay=_again,
    audit="staff.invited",
)
def invite_staff(uow: UnitOfWork, call: Call) -> Answer:
    """Invite somebody to a role. The link `url` works once, within three days, and is shown only here.

    `sent_by` says whether it was sent by e-mail; where it is null, hand the link on yourself.
    """
    wanted = dict(call.body)
    name, login = wanted.pop("name"), wanted.pop("login")
    post = services.post_of(uow, **wanted)
    body = show_new_invitation(invitations.invite(uow, name=name, login=login, post=post))
    return Answer(body, 201, stored=_sealed(body), jobs=(letters.SEND,) if body["sent_by"] else ())


@staff.serve(
    "GET",
    "/invitations",
    scope="staff:read",
    installation=True,
    query=schemas.INVITATIONS,
    answers={200: answers.INVITATIONS},
)
def list_invitations(uow: UnitOfWork, call: Call) -> Answer:
    """List the invitations that are open."""
    return Answer(page_of(uow, queries.invitations(uow), Invitation.id, call.query, show_invitation))


@staff.serve(
    "DELETE",
    "/invitations/<inv:invitation_id>",
    scope="staff:write",
    installation=True,
    step_up=True,
    answers={200: answers.INVITED},
    audit="staff.invitation_withdrawn",
)
def withdraw_invitation(uow: UnitOfWork, call: Call, invitation_id: str) -> Answer:
    """Withdraw an invitation that nobody has taken up."""
    return Answer(show_invitation(invitations.withdraw(uow, invitation_id)))


@staff.serve(
    "POST",
    "/invitations/accept",
    scope=ANYONE,
    body=schemas.AcceptBody(),
    answers={201: answers.OPENED},
    problems=(InvitationOver, LoginKnown, AlreadyStaff),
    visitor=lambda body: signing_in.visitor_of_secret(body["invitation"]),
    own_transaction=True,
)
def accept_invitation(call: Call) -> Answer:
    """Take up an invitation as somebody new, with a password.

    Whose login has an account signs in with it and takes it up there (`POST /v1/staff/me/invitations`).
    """
    body, once = call.body, once_begun(call)
    return answer_begun(invitations.accept_as_new(body["invitation"], body["password"], call.origin, once))


@staff.serve(
    "POST",
    "/me/invitations",
    scope=STAFF,
    body=schemas.TakeUpBody(),
    answers={201: answers.OPENED},
    problems=(InvitationOver, AlreadyStaff, Forbidden),
    own_transaction=True,
)
def take_up_invitation(call: Call) -> Answer:
    """Take up an invitation with the account that is signed in. The session gets a new token, for that district."""
    return answer_begun(invitations.accept(call.principal, call.body["invitation"], call.origin, once_begun(call)))

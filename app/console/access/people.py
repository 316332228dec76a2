"""`/console/staff`: who works here, invitations, and roles changed and taken away."""

from __future__ import annotations

from app.console.door import console, must
from app.console.places import HOME
from app.districts import queries as districts
from app.foundation import audit
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.auditing import origin_of_request
from app.pages.doors import Visit
from app.pages.outcomes import Go, Handed, WebPage
from app.staff import queries
from app.staff.accounts import letters
from app.staff.accounts.logins import EMAIL
from app.staff.people import invitations, resetting, services
from app.staff.people.present import show_invitation, show_staff_member
from app.staff.roles import ROLES, may_give
from app.staff.schemas import InvitationBody, RoleBody

HERE = f"{HOME}/staff"


@console.page("/staff")
def staff(uow: UnitOfWork, visit: Visit) -> Handed:
    """All who work here, and who is invited."""
    must(visit, "staff:read")
    people = [show_staff_member(row) for row in uow.session.scalars(queries.staff(uow))]
    people.sort(key=lambda one: (list(ROLES).index(one["role"]), one["name"]))
    invited = [show_invitation(row) for row in uow.session.scalars(queries.invitations(uow))]
    values = {"people": people, "invited": invited, "may_change": visit.principal.may("staff:write")}
    return WebPage("console/staff.html", {**values, "own": visit.principal.id, **_shops(uow)})


def _shops(uow: UnitOfWork) -> dict[str, dict[str, str]]:
    """The merchants and stores that the principal may name, by id."""
    merchants = {row.id: row.name for row in uow.session.scalars(districts.merchants(uow))}
    stores = {row.id: row.name for row in uow.session.scalars(districts.stores(uow))}
    return {"merchants": merchants, "stores": stores}


def _roles(visit: Visit) -> list[str]:
    """The roles that the principal may give somewhere."""
    principal = visit.principal
    if principal.kind == "operator":
        return ["operator"]
    merchant = principal.merchant_id
    reached = [role for role in ROLES.values() if role.reach != "installation"]
    return [role.name for role in reached if may_give(principal.scopes, merchant, role, _at(role.reach, merchant))]


def _at(reach: str, merchant_id: str | None) -> str | None:
    return None if reach == "district" else merchant_id or ""


@console.page("/staff/invite")
def ask_whom(uow: UnitOfWork, visit: Visit) -> Handed:
    """Whom to invite, and to what."""
    must(visit, "staff:write", step_up=True)
    return WebPage("console/invite.html", {"roles": _roles(visit), **_shops(uow)})


@console.act("/staff/invite", form=InvitationBody(), again=ask_whom)
def invite(uow: UnitOfWork, visit: Visit) -> Handed:
    """Makes the link, which is shown once."""
    must(visit, "staff:write", step_up=True)
    wanted = dict(visit.body)
    name, login = wanted.pop("name"), wanted.pop("login")
    post = services.post_of(uow, **wanted)
    invited = invitations.invite(uow, name=name, login=login, post=post)
    audit.record(uow, "staff.invited", invited.row.id, {"role": post.role})
    values = {"link": invited.link, "is_sent": invited.is_sent, "is_address": login.kind == EMAIL}
    jobs = (letters.SEND,) if invited.is_sent else ()
    return WebPage("console/invited.html", {**values, "name": name, "login": login.hint}, jobs=jobs)


@console.act("/staff/invitations/<inv:invitation_id>/withdraw", again=staff)
def withdraw(uow: UnitOfWork, visit: Visit, invitation_id: str) -> Handed:
    """Ends an invitation."""
    must(visit, "staff:write", step_up=True)
    invitations.withdraw(uow, invitation_id)
    audit.record(uow, "staff.invitation_withdrawn", invitation_id)
    return Go(f"{HERE}?told=withdrawn")


@console.page("/staff/<acc:account_id>")
def person(uow: UnitOfWork, visit: Visit, account_id: str) -> Handed:
    """Somebody who works here."""
    must(visit, "staff:write", step_up=True)
    values = {"person": show_staff_member(queries.find_staff(uow, account_id)), "own": visit.principal.id}
    return WebPage("console/person.html", {**values, "roles": _roles(visit), **_shops(uow)})


@console.act("/staff/<acc:account_id>", form=RoleBody(), again=person)
def change_role(uow: UnitOfWork, visit: Visit, account_id: str) -> Handed:
    """Gives another role."""
    must(visit, "staff:write", step_up=True)
    post = services.post_of(uow, **visit.body)
    services.change_role(uow, account_id, post)
    audit.record(uow, "staff.role_changed", account_id, post._asdict())
    return Go(f"{HERE}?told=changed")


@console.act("/staff/<acc:account_id>/remove", again=person)
def remove(uow: UnitOfWork, visit: Visit, account_id: str) -> Handed:
    """Takes the role away."""
    must(visit, "staff:write", step_up=True)
    services.remove(uow, account_id)
    audit.record(uow, "staff.removed", account_id)
    return Go(f"{HERE}?told=removed")


@console.act("/staff/<acc:account_id>/reset", again=person, own_transaction=True)
def reset(visit: Visit, account_id: str) -> Handed:
    """Takes the second factors away."""
    must(visit, "staff:write", step_up=True)
    resetting.reset_second_factor(visit.principal, account_id, origin_of_request())
    return Go(f"{HERE}?told=reset", jobs=(letters.SEND,))

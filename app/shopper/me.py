"""What is one's own: name and birthday, consents, the lock on spending, sign-ins, all that is known, and leaving."""

from __future__ import annotations

from typing import Any

import orjson

from app.care import exporting
from app.care import services as care
from app.districts import queries as districts
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.problems import Forbidden, ValidationFailed
from app.members import queries as members
from app.members import services as member_services
from app.members.present import show_member
from app.notices import queries as notices
from app.pages.doors import Visit
from app.pages.outcomes import File, Go, Handed, WebPage
from app.points.present import show_points
from app.shopper import consents, forms
from app.shopper.door import ended_cookie, home, shopper
from app.signin import queries as signin
from app.signin.phones import services as phones
from app.signin.sessions import services as sessions


@shopper.page("/me")
def me(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """What can be changed, one line each."""
    own = visit.principal.id
    values = {
        "member": show_member(uow, own),
        "points": show_points(uow, own),
        "waiting": phones.waiting(uow, own),
        "unread": notices.unread(uow, own),
    }
    return WebPage("shopper/me.html", values)


@shopper.page("/me/profile")
def profile(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """Name and birthday."""
    return WebPage("shopper/profile.html", {"member": show_member(uow, visit.principal.id)})


@shopper.act("/me/profile", form=forms.ProfileForm(), again=profile)
def change_profile(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """Change them."""
    member_services.update_member(uow, visit.principal.id, visit.body)
    return Go(f"{home(visit.path)}/me?told=changed")


@shopper.page("/me/consents")
def own_consents(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """What was consented to, to whom, and since when."""
    return WebPage("shopper/consents.html", {"rows": _consents(uow, visit.principal.id)})


def _consents(uow: UnitOfWork, own: str) -> list[dict[str, Any]]:
    """What may be given, and what was said of it last; shops of which one is a member stand below the district."""
    said = {(row.controller, row.purpose): row for row in members.consents_of(uow, members.with_merged(uow, own))}
    names = districts.merchant_names(uow)
    shops = [one.merchant_id for one in members.memberships_of(uow, [own]).get(own, [])]
    shops += [one for one, _ in said if one in names and one not in shops]
    district = districts.district(uow).name
    offers = consents.offered(district, None)
    offers += [consents.Offered(one, consents.MEMBERSHIP, names[one]) for one in dict.fromkeys(shops)]
    rows = [(one, said.get((one.controller, one.purpose))) for one in offers]
    return [
        {"offer": one, "granted": row is not None and row.granted, "since": row and row.recorded_at}
        for one, row in rows
    ]


@shopper.act("/me/consents", form=forms.ConsentForm(), again=own_consents, audit="consent.recorded")
def change_consent(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """Give one, or withdraw it. The membership itself is withdrawn by leaving."""
    own = member_services.lock_present(uow, visit.principal.id).id
    known = {(row["offer"].controller, row["offer"].purpose): row["offer"] for row in _consents(uow, own)}
    offer = known.get((visit.body["controller"], visit.body["purpose"]))
    if offer is None or (offer.is_needed and not visit.body["granted"]):
        raise Forbidden(_l("This consent ends with the membership: delete it instead."))
    given = {**offer.given(), "granted": visit.body["granted"]}
    [row] = member_services.record_consents(uow, [(own, given)], way="member")
    return Go(f"{home(visit.path)}/me/consents?told=changed", audited={"consent_id": row.id})


@shopper.page("/me/lock")
def lock(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """Whether points can be spent."""
    return WebPage("shopper/lock.html", {"points": show_points(uow, visit.principal.id)})


@shopper.act("/me/lock", form=forms.LockForm(), audit="member.spend_lock_changed")
def change_lock(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """Lock spending at once; unlock it after a fresh code."""
    locked = visit.body["locked"]
    if not locked:
        phones.check_fresh(uow)
    care.lock_spending(uow, visit.principal.id, locked=locked)
    return Go(f"{home(visit.path)}/me/lock?told=changed", audited={"locked": locked})


@shopper.page("/me/sessions")
def own_sessions(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """Where one is signed in."""
    return WebPage("shopper/sessions.html", {"sessions": signin.open_now(uow, visit.principal.id)})


@shopper.act("/me/sessions", form=forms.SessionForm(), again=own_sessions, audit="session.ended")
def end_session(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """End one, such as that of a lost phone; one's own is signing out."""
    ended, own = visit.body["session_id"], visit.principal.session_id
    signin.find_session(uow, visit.principal.id, ended)
    sessions.end_sessions(uow, visit.principal.id, "revoked", only=ended)
    if ended == own:
        return Go(f"{home(visit.path)}/join?told=out", cookies=(ended_cookie(visit.path),))
    return Go(f"{home(visit.path)}/me/sessions?told=ended")


@shopper.page("/me/export")
def export(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """All that is known of one, after a fresh code."""
    phones.check_fresh(uow)
    return WebPage("shopper/export.html", {"told_all": exporting.export(uow, visit.principal.id)})


@shopper.page("/me/export.json")
def export_file(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """The same as a file."""
    phones.check_fresh(uow)
    content = orjson.dumps(exporting.export(uow, visit.principal.id), option=orjson.OPT_INDENT_2)
    named = {"Content-Disposition": 'attachment; filename="quantong.json"'}
    return File(content, "application/json", headers=named)


@shopper.page("/me/delete")
def leave(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """What will be gone, after a fresh code."""
    phones.check_fresh(uow)
    own = visit.principal.id
    values = {"member": show_member(uow, own), "points": show_points(uow, own)}
    return WebPage("shopper/delete.html", values)


@shopper.act("/me/delete", form=forms.DeleteForm(), again=leave, audit="member.erased")
def leave_for_good(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """Forget the member, who has written its number down to say so."""
    phones.check_fresh(uow)
    own = visit.principal.id
    if visit.body["number"].replace(" ", "") != members.find_member(uow, own).number:
        raise ValidationFailed.at("/number", "other-number", _l("This isn't your member number."))
    care.erase(uow, own)
    return Go(f"{home(visit.path)}/join?told=gone", cookies=(ended_cookie(visit.path),), audited={"member_id": own})

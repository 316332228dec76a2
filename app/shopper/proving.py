"""One's number: proven anew before what can't be undone, and changed by codes to the old and the new one."""

from __future__ import annotations

from dataclasses import replace

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.jobs.queue import Job
from app.foundation.problems import DomainError, NotFound, ValidationFailed
from app.members import queries as members
from app.members import services as member_services
from app.members.rules import mask_phone
from app.pages.doors import Visit
from app.pages.outcomes import Go, Handed, Refused, WebPage
from app.shopper import forms, keeping
from app.shopper.door import home, next_of, session_cookie, shopper
from app.shopper.joining import SEND
from app.signin.phones import services as phones
from app.signin.sessions import services as sessions
from app.signin.sms_codes import services as sms_codes

PROVING, MOVING = "proving", "moving"


def _own_phone(uow: UnitOfWork, visit: Visit) -> str:
    """The member's number. Raises NotFound where it has lost it."""
    phone = member_services.personal(members.find_member(uow, visit.principal.id), "phone")
    if phone is None:
        raise NotFound
    return phone


@shopper.page("/me/proof")
def proof(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """Whose number is asked for a code, and the code once it was sent."""
    values = {
        "phone": mask_phone(_own_phone(uow, visit)),
        "is_sent": "challenge" in keeping.kept(visit, PROVING) and bool(visit.asked("sent") or visit.form.texts),
        "next": next_of(visit, f"{home(visit.path)}/me"),
    }
    return WebPage("shopper/proof.html", values)


@shopper.act("/me/proof/code", again=proof)
def send_proof_code(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """Send a code to the member's number."""
    challenge, _limits = sms_codes.ask_code(uow, _own_phone(uow, visit))
    cookie = keeping.keep(visit, PROVING, {"challenge": challenge.text})
    to = f"{home(visit.path)}/me/proof?sent=1&next={next_of(visit, '')}"
    return Go(to, cookies=(cookie,), jobs=(Job(SEND, (challenge.district_id, challenge.id)),))


@shopper.act("/me/proof", form=forms.ProofForm(), again=proof)
def prove(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """Take the code."""
    challenge = keeping.kept(visit, PROVING).get("challenge", "")
    refusal = phones.prove_anew(uow, challenge=challenge, code=visit.body["code"])
    if refusal is not None:
        return Refused(refusal)
    return Go(next_of(visit, f"{home(visit.path)}/me"), cookies=(keeping.forget(visit, PROVING),))


@shopper.page("/me/phone")
def phone(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """The number, the new one to be, or the change that waits."""
    values = {"phone": mask_phone(_own_phone(uow, visit)), "waiting": phones.waiting(uow, visit.principal.id)}
    return WebPage("shopper/phone.html", {**values, "mask": mask_phone})


@shopper.act("/me/phone", form=forms.PhoneForm(), again=phone)
def ask_for_codes(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """Send a code to the new number, and one to the old unless that is lost."""
    new, old = visit.body["phone"], _own_phone(uow, visit)
    if new == old:
        raise ValidationFailed.at("/phone", "same-phone", _l("This phone leads to the member already."))
    wanted = {"challenge": new} if visit.body["is_lost"] else {"challenge": new, "old_challenge": old}
    asked = {name: sms_codes.ask_code(uow, one)[0] for name, one in wanted.items()}
    cookie = keeping.keep(visit, MOVING, {"phone": new, **{name: one.text for name, one in asked.items()}})
    jobs = tuple(Job(SEND, (one.district_id, one.id)) for one in asked.values())
    return Go(f"{home(visit.path)}/me/phone/code", cookies=(cookie,), jobs=jobs)


@shopper.page("/me/phone/code")
def phone_codes(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """The codes."""
    asked = keeping.kept(visit, MOVING)
    if "challenge" not in asked:
        return Go(f"{home(visit.path)}/me/phone")
    values = {"new": mask_phone(asked["phone"]), "old": mask_phone(_own_phone(uow, visit))}
    return WebPage("shopper/phone_code.html", {**values, "is_lost": "old_challenge" not in asked})


@shopper.act("/me/phone/code", form=forms.PhoneCodesForm(), again=phone_codes, audit="member.phone_changed")
def change_phone(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """Change the number at once, or in a week where the old one is lost."""
    asked, me = keeping.kept(visit, MOVING), f"{home(visit.path)}/me"
    new = {"challenge": asked.get("challenge", ""), "code": visit.body["code"]}
    if "old_challenge" not in asked:
        outcome = phones.ask_change(uow, new)
        waits = Go(f"{me}?told=waits", cookies=(keeping.forget(visit, MOVING),))
        return Refused(outcome) if isinstance(outcome, DomainError) else waits
    old = {"challenge": asked["old_challenge"], "code": visit.body.get("old_code", "")}
    refusal = phones.move(uow, new, old)
    if refusal is not None:
        return Refused(_at_its_field(refusal))
    uow.finish()
    token = sessions.start_in_browser(uow, visit.principal.id)
    cookies = (session_cookie(visit.path, token), keeping.forget(visit, MOVING))
    return Go(f"{me}?told=moved", cookies=cookies)


def _at_its_field(refusal: DomainError) -> DomainError:
    """The refusal of the code to the old number stands at its field of this form."""
    refusal.flaws = tuple(replace(one, pointer=one.pointer.replace("/old/code", "/old_code")) for one in refusal.flaws)
    return refusal


@shopper.act("/me/phone/cancel", audit="member.phone_change_cancelled")
def cancel_change(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """Cancel a change that waits."""
    phones.cancel_change(uow, visit.principal.id)
    return Go(f"{home(visit.path)}/me?told=kept", audited={"member_id": visit.principal.id})

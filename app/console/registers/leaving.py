"""What can't be taken back: a member becomes part of another, is exported, or is forgotten."""

from __future__ import annotations

import orjson
from werkzeug.datastructures import MultiDict

from app.care import exporting, previewing, services
from app.care.schemas import MergeBody
from app.console.around import around
from app.console.door import console, must
from app.console.registers import finding
from app.console.registers.forms import ErasureForm
from app.console.registers.members import HERE, READ, WRITE
from app.foundation import audit
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.problems import DomainError, NotFound, ValidationFailed
from app.members import queries
from app.members.present import show_member
from app.pages.doors import Visit
from app.pages.forms import Form
from app.pages.outcomes import File, Go, Handed, WebPage


@console.page("/members/<mem:member_id>/merge")
def preview(uow: UnitOfWork, visit: Visit, member_id: str) -> Handed:
    """Whom it should become part of, and what that would make of the two."""
    must(visit, WRITE, alliance_only=True)
    must(visit, READ)
    typed, told, into = visit.asked("into"), None, None
    error: DomainError | None = None
    if typed:
        try:
            into = show_member(uow, finding.member_of(uow, typed, "/into"))
            told = previewing.preview(uow, member_id, into["id"])
            audit.record(uow, "member.merge_previewed", member_id, {"into": into["id"]})
        except NotFound as refused:
            error, into = refused, None
    asked = Form(MultiDict({"into": typed}) if typed else MultiDict(), error)
    values = {"member": show_member(uow, member_id), "into": into, "preview": told, "asked": asked}
    return WebPage("console/member_merge.html", {**values, **around(uow)})


@console.act("/members/<mem:member_id>/merge", form=MergeBody(), again=preview, audit="member.merged")
def merge(uow: UnitOfWork, visit: Visit, member_id: str) -> Handed:
    """Makes one member of two, for good."""
    must(visit, WRITE, alliance_only=True)
    return Go(f"{HERE}/{services.merge(uow, member_id, visit.body['into'])}?told=merged")


@console.page("/members/<mem:member_id>/export", audit="member.exported")
def export(uow: UnitOfWork, visit: Visit, member_id: str) -> Handed:
    """Everything that is known of a member, in a file."""
    must(visit, READ, alliance_only=True, step_up=True)
    told = exporting.export(uow, member_id)
    named = f"attachment; filename=member-{told['member']['number']}.json"
    content = orjson.dumps(told, option=orjson.OPT_UTC_Z | orjson.OPT_INDENT_2)
    return File(content, "application/json; charset=utf-8", headers={"Content-Disposition": named})


@console.page("/members/<mem:member_id>/erase", audit="member.read")
def ask_to_erase(uow: UnitOfWork, visit: Visit, member_id: str) -> Handed:
    """What is lost when a member is forgotten."""
    must(visit, WRITE, alliance_only=True)
    must(visit, READ)
    told = previewing.preview(uow, member_id, member_id)["member"]
    return WebPage("console/member_erase.html", {"member": show_member(uow, member_id), "side": told})


@console.act("/members/<mem:member_id>/erase", form=ErasureForm(), again=ask_to_erase, audit="member.erased")
def erase(uow: UnitOfWork, visit: Visit, member_id: str) -> Handed:
    """Forgets a person, whose number was typed once more."""
    must(visit, WRITE, alliance_only=True)
    if "".join(visit.body["number"].split()) != queries.find_member(uow, member_id).number:
        raise ValidationFailed.at("/number", "other-number", _l("This is not the number of this member."))
    changed = services.erase(uow, member_id)
    return Go(f"{HERE}?told=erased", audited={} if changed.is_new else None)

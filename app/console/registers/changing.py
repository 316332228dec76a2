"""What the alliance changes of a member: name, tags and phone, consents, points, whether it may spend."""

from __future__ import annotations

from app.care import services
from app.care.schemas import SpendLockBody
from app.console.around import around
from app.console.door import console, must
from app.console.registers.forms import NewPhoneForm
from app.console.registers.members import HERE, READ, WRITE, member
from app.districts import queries as districts
from app.foundation.database.unit_of_work import UnitOfWork
from app.members import queries, schemas
from app.members import services as members
from app.members.present import show_consents, show_member
from app.pages.doors import Visit
from app.pages.outcomes import Go, Handed, WebPage
from app.points import adjusting
from app.points.schemas import AdjustmentBody

_PROFILE = schemas.MemberChange(only=("name", "birthday"))
_TAGS = schemas.MemberChange(only=("tags",))


@console.page("/members/<mem:member_id>/change", audit="member.read")
def change(uow: UnitOfWork, visit: Visit, member_id: str) -> Handed:
    """What is known of a member, to be changed."""
    must(visit, WRITE, alliance_only=True)
    must(visit, READ)
    found = queries.find_member(uow, member_id)
    values = {
        "member": show_member(uow, found.id),
        "consents": show_consents(uow, queries.with_merged(uow, found.id)),
        "names": districts.merchant_names(uow),
    }
    return WebPage("console/member_change.html", {**values, **around(uow)})


def _changed(member_id: str, told: str, *, fields: tuple[str, ...] = ()) -> Go:
    return Go(f"{HERE}/{member_id}?told={told}", audited={"fields": list(fields)} if fields else {})


@console.act("/members/<mem:member_id>/profile", form=_PROFILE, again=change, audit="member.changed")
def change_profile(uow: UnitOfWork, visit: Visit, member_id: str) -> Handed:
    """Another name or birthday."""
    must(visit, WRITE, alliance_only=True)
    members.update_member(uow, member_id, visit.body)
    return _changed(member_id, "changed", fields=tuple(sorted(visit.body)))


@console.act("/members/<mem:member_id>/tags", form=_TAGS, again=change, audit="member.changed")
def change_tags(uow: UnitOfWork, visit: Visit, member_id: str) -> Handed:
    """Other tags."""
    must(visit, WRITE, alliance_only=True)
    members.update_member(uow, member_id, visit.body)
    return _changed(member_id, "changed", fields=("tags",))


@console.act("/members/<mem:member_id>/phone", form=NewPhoneForm(), again=change, audit="member.changed")
def change_phone(uow: UnitOfWork, visit: Visit, member_id: str) -> Handed:
    """Another phone, for a reason: the old one is told, sign-ins end, and spending rests for a day."""
    must(visit, WRITE, alliance_only=True)
    members.update_member(uow, member_id, visit.body)
    return _changed(member_id, "phone", fields=("phone", "reason"))


@console.act("/members/<mem:member_id>/consents", form=schemas.ConsentBody(), again=change, audit="consent.recorded")
def record_consent(uow: UnitOfWork, visit: Visit, member_id: str) -> Handed:
    """What the member has said to somebody of staff: that it agrees, or no longer."""
    must(visit, WRITE, alliance_only=True)
    found = members.lock_present(uow, member_id)
    [row] = members.record_consents(uow, [(found.id, visit.body)], way="staff")
    return Go(f"{HERE}/{member_id}/change?told=consent", audited={"consent_id": row.id})


@console.act("/members/<mem:member_id>/points", form=AdjustmentBody(), again=member, audit="points.adjusted")
def adjust(uow: UnitOfWork, visit: Visit, member_id: str) -> Handed:
    """Gives points at the district's cost, or takes some."""
    must(visit, "points:adjust", alliance_only=True)
    adjusting.adjust(uow, queries.find_member(uow, member_id).id, **visit.body)
    return _changed(member_id, "adjusted")


@console.act("/members/<mem:member_id>/freeze", again=member, audit="member.frozen")
def freeze(uow: UnitOfWork, visit: Visit, member_id: str) -> Handed:
    """Keeps a member from spending and claiming."""
    must(visit, WRITE, alliance_only=True)
    return _moved(services.freeze(uow, member_id), "frozen")


@console.act("/members/<mem:member_id>/unfreeze", again=member, audit="member.unfrozen")
def unfreeze(uow: UnitOfWork, visit: Visit, member_id: str) -> Handed:
    """Lets it spend and claim again."""
    must(visit, WRITE, alliance_only=True)
    return _moved(services.unfreeze(uow, member_id), "unfrozen")


def _moved(changed: services.ChangedMember, told: str) -> Go:
    """What changed nothing leaves no audit entry."""
    return Go(f"{HERE}/{changed.member_id}?told={told}", audited={} if changed.is_new else None)


@console.act(
    "/members/<mem:member_id>/spend-lock", form=SpendLockBody(), again=member, audit="member.spend_lock_changed"
)
def lock_spending(uow: UnitOfWork, visit: Visit, member_id: str) -> Handed:
    """Lets a member's points rest, as it has asked for, or no longer."""
    must(visit, WRITE, alliance_only=True)
    locked = visit.body["locked"]
    services.lock_spending(uow, member_id, locked=locked)
    return Go(f"{HERE}/{member_id}?told={'locked' if locked else 'unlocked'}", audited={"locked": locked})

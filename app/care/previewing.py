"""What a merge would come to."""

from __future__ import annotations

from typing import Any

from app.coupons.errors import CouponIsHeld
from app.coupons.issuing import queries as coupons
from app.coupons.redeeming.queries import any_held
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.problems import NotFound
from app.members import queries as members
from app.members.errors import MemberIsFrozen
from app.points.purses import queries as points
from app.transactions.sales import queries as transactions


def preview(uow: UnitOfWork, member_id: str, into_id: str) -> dict[str, Any]:
    """Both members as they are, the balance they would have together, and why not, if so. Raises NotFound."""
    old, survivor = _side(uow, member_id), _side(uow, into_id, "/into")
    is_one = old["id"] == survivor["id"]
    balances = [old["balance"], *([] if is_one else [survivor["balance"]])]
    why_not = MemberIsFrozen.code if "frozen" in (old["status"], survivor["status"]) else None
    if any_held(uow, [old["id"], survivor["id"]]):
        why_not = CouponIsHeld.code
    return {
        "object": "merge_preview",
        "member": old,
        "into": survivor,
        "after": {name: sum(one[name] for one in balances) for name in old["balance"]},
        "refused_because": "validation-failed" if is_one else why_not,
    }


def _side(uow: UnitOfWork, member_id: str, pointer: str | None = None) -> dict[str, Any]:
    try:
        member = members.find_member(uow, member_id)
        if member.is_gone:
            raise NotFound
    except NotFound:
        raise NotFound.at(pointer, _l("member")) if pointer else NotFound() from None
    return {
        "id": member.id,
        "balance": points.balance(uow, member.id).as_figures(),
        "transactions": transactions.counts_of_members(uow, [member.id]).get(member.id, 0),
        "memberships": len(members.memberships_of(uow, [member.id]).get(member.id, ())),
        "coupons": coupons.count_usable(uow, member.id),
        "status": member.status,
    }

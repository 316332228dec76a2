"""Everything that is known of a member, for the member (PIPL, articles 45 and 47)."""

from __future__ import annotations

from typing import Any

from app.care.cases.present import show_case
from app.care.cases.queries import cases_of
from app.coupons.issuing.present import export_coupons
from app.foundation.clock import format_instant
from app.foundation.database.unit_of_work import UnitOfWork
from app.members import queries as members
from app.members import services as member_services
from app.members.present import show_consent, show_member
from app.notices.present import show_notice
from app.notices.queries import notices_of
from app.points.present import show_adjustments, show_entries, show_points
from app.signin import queries as signin
from app.signin.phones import services as phones
from app.transactions.refunds.present import show_refunds
from app.transactions.sales.present import show_transactions


def export(uow: UnitOfWork, member_id: str) -> dict[str, Any]:
    """All rows of a member and of those that were merged into it, opened. Raises NotFound."""
    member = members.find_member(uow, member_id)
    all_ids = members.with_merged(uow, member.id)
    return {
        "object": "member_export",
        "member": show_member(uow, member.id),
        "phone": member_services.personal(member, "phone"),
        "identities": [
            {"kind": kind, "value": value, "recorded_at": format_instant(recorded_at)}
            for kind, value, recorded_at in member_services.told_identities(uow, member)
        ],
        "consents": [show_consent(row) for row in members.consents_of(uow, all_ids)],
        "points": show_points(uow, member.id),
        "entries": show_entries(uow, all_ids),
        "transactions": show_transactions(uow, member.id),
        "refunds": show_refunds(uow, member.id),
        "adjustments": show_adjustments(uow, all_ids),
        "coupons": export_coupons(uow, member.id),
        "cases": [show_case(uow, row) for row in cases_of(uow, all_ids)],
        "notices": [show_notice(row) for row in notices_of(uow, all_ids)],
        "sessions": [
            {
                "id": one.id,
                "device": one.device or None,
                "started_at": format_instant(one.started_at),
                "used_at": format_instant(one.used_at),
                "ended_at": one.ended_at and format_instant(one.ended_at),
            }
            for one in signin.sessions_of(uow, all_ids)
        ],
        "phone_change": _waiting(phones.waiting(uow, member.id)),
        "exported_at": format_instant(uow.now),
    }


def _waiting(change: phones.Waiting | None) -> dict[str, Any] | None:
    if change is None:
        return None
    times = {"asked_at": format_instant(change.asked_at), "changes_at": format_instant(change.due_at)}
    return {"phone": change.phone, **times}

"""How those who work here, and those who are invited, are shown."""

from __future__ import annotations

from typing import Any

from app.foundation.clock import format_instant
from app.foundation.runtime import keyring
from app.staff.models import Invitation, StaffMember
from app.staff.people.invitations import NewInvitation, login_of
from app.staff.people.services import bound_to


def show_staff_member(row: StaffMember) -> dict[str, Any]:
    """Somebody who works here."""
    bound = bound_to(row.district_id, row.account_id)
    return {
        "object": "staff_member",
        "id": row.account_id,
        "name": keyring().open(row.name, bound_to=bound),
        "login": keyring().open(row.login_hint, bound_to=bound),
        "role": row.role,
        "merchant_id": row.merchant_id,
        "store_id": row.store_id,
        "since": format_instant(row.since),
    }


def show_invitation(row: Invitation) -> dict[str, Any]:
    """An invitation, without its secret."""
    return {
        "object": "invitation",
        "id": row.id,
        "name": keyring().open(row.name, bound_to=row.id),
        "login": login_of(row).hint,
        "role": row.role,
        "merchant_id": row.merchant_id,
        "store_id": row.store_id,
        "created_at": format_instant(row.created_at),
        "expires_at": format_instant(row.expires_at),
    }


def show_new_invitation(invited: NewInvitation) -> dict[str, Any]:
    """An invitation with its link, shown once."""
    return {**show_invitation(invited.row), "url": invited.link, "sent_by": "email" if invited.is_sent else None}

"""Every SELECT and lock of this room."""

from __future__ import annotations

from app.foundation.ids import hex_of
from app.foundation.unit_of_work import UnitOfWork


def is_open(uow: UnitOfWork, session_id: str, member_id: str) -> bool:
    """Whether a member's session goes on."""
    query = "SELECT FROM sessions WHERE district_id = %s AND id = %s AND member_id = %s AND ended_at IS NULL AND expires_at > %s"
    return bool(uow.rows(query, (hex_of(uow.district_id), hex_of(session_id), hex_of(member_id), uow.now)))

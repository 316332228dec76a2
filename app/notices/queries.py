"""Reading notices."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.notices.models import MemberNotice


def notices_of(uow: UnitOfWork, member_ids: Collection[str], most: int | None = None) -> list[MemberNotice]:
    """What members were told, newest first."""
    query = select(MemberNotice).where(
        MemberNotice.district_id == uow.district_id, MemberNotice.member_id.in_(member_ids)
    )
    return list(uow.session.scalars(query.order_by(MemberNotice.id.desc()).limit(most)))


def unread(uow: UnitOfWork, member_id: str) -> int:
    """How many of a member's notices it has not read."""
    query = "SELECT count(*) FROM member_notices WHERE district_id = %s AND member_id = %s AND read_at IS NULL"
    return int(uow.rows(query, (hex_of(uow.district_id), hex_of(member_id)))[0][0])

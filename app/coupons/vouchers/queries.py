"""Reading evidence."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from app.coupons.vouchers.models import EvidenceChain
from app.foundation.database.sql_arrays import id_array
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.figures.chains import BEFORE_ALL
from app.foundation.ids import hex_of

_FIRST = """
    SELECT redemption_id, content FROM evidence
    WHERE district_id = %s AND redemption_id = ANY(%s::uuid[]) AND kind = 'redemption'
"""
_HOLDER = """
    SELECT member_id FROM evidence
    WHERE district_id = %s AND redemption_id = %s AND kind = 'redemption' AND member_id IS NOT NULL
"""
_WITH_WAITING = (
    "SELECT DISTINCT campaign_id FROM evidence WHERE district_id = %s AND number IS NULL ORDER BY campaign_id"
)
_AFTER = """
    SELECT number, content, digest FROM evidence
    WHERE district_id = %s AND campaign_id = %s AND number > %s ORDER BY number LIMIT %s
"""
_DIGEST = "SELECT digest FROM evidence WHERE district_id = %s AND campaign_id = %s AND number = %s"


class Linked(NamedTuple):
    """A row in its chain."""

    number: int
    content: str
    digest: bytes


def first_rows(uow: UnitOfWork, redemption_ids: Collection[str]) -> dict[str, str]:
    """The rows of redemptions, by their ids; what is no government voucher has none."""
    if not redemption_ids:
        return {}
    rows = uow.rows(_FIRST, (hex_of(uow.district_id), id_array(sorted(redemption_ids))))
    return {f"red_{redemption}": content for redemption, content in rows}


def holder_of(uow: UnitOfWork, redemption_id: str) -> str | None:
    """Whose voucher was redeemed, or who bought with the bearer's; None where nobody was named."""
    rows = uow.rows(_HOLDER, (hex_of(uow.district_id), hex_of(redemption_id)))
    return f"mem_{rows[0][0]}" if rows else None


def campaigns_with_waiting(uow: UnitOfWork) -> list[str]:
    """Campaigns of which rows wait for their chain."""
    return [f"cam_{one}" for (one,) in uow.rows(_WITH_WAITING, (hex_of(uow.district_id),))]


def chain_of(uow: UnitOfWork, campaign_id: str) -> EvidenceChain:
    """Where the chain of a campaign ends; an empty one where it hasn't begun."""
    chain = uow.session.get(EvidenceChain, (uow.district_id, campaign_id))
    return chain or EvidenceChain(
        rows=0, digest=BEFORE_ALL, amount=0, discount_amount=0, government_amount=0, campaign_id=campaign_id
    )


def page_of_chain(uow: UnitOfWork, campaign_id: str, after: int, limit: int) -> list[Linked]:
    """Rows of a chain after a number, in order."""
    rows = uow.rows(_AFTER, (hex_of(uow.district_id), hex_of(campaign_id), after, limit))
    return [Linked(number, content, bytes(digest)) for number, content, digest in rows]


def digest_of(uow: UnitOfWork, campaign_id: str, number: int) -> bytes | None:
    """The digest of a row; of number 0 what stands before the first. None where the chain isn't so long."""
    if number == 0:
        return BEFORE_ALL
    rows = uow.rows(_DIGEST, (hex_of(uow.district_id), hex_of(campaign_id), number))
    return bytes(rows[0][0]) if rows else None

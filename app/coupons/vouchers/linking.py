"""Rows get their place in the chain of their campaign after the commit that added them.

So tills never wait for the end of a chain: only who links does, and none links what isn't committed. What is added late
is linked late; nothing is passed over, since what is linked is what has no number yet.
"""

from __future__ import annotations

from app.coupons.vouchers import queries
from app.foundation.database.sql_arrays import bytes_array, id_array, number_array
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.figures.chains import BEFORE_ALL, digest_after
from app.foundation.ids import hex_of

ROWS_A_SET = 1_000
_BEGIN = """
    INSERT INTO evidence_chains (district_id, campaign_id, digest)
    VALUES (%(district)s::uuid, %(campaign)s::uuid, %(before)s::bytea)
    ON CONFLICT (district_id, campaign_id) DO NOTHING
"""
_END = "SELECT rows, digest FROM evidence_chains WHERE district_id = %s AND campaign_id = %s FOR UPDATE"
_WAITING = f"""
    SELECT id, content, amount, discount_amount, government_amount FROM evidence
    WHERE district_id = %s AND campaign_id = %s AND number IS NULL ORDER BY id LIMIT {ROWS_A_SET}
"""
_LINK = """
    UPDATE evidence AS e SET number = n.number, digest = n.digest
    FROM unnest(%(ids)s::uuid[], %(numbers)s::bigint[], %(digests)s::bytea[]) AS n (id, number, digest)
    WHERE e.district_id = %(district)s AND e.id = n.id
"""
_MOVE_END = """
    UPDATE evidence_chains SET rows = %(rows)s, digest = %(digest)s, amount = amount + %(amount)s,
        discount_amount = discount_amount + %(discount)s, government_amount = government_amount + %(government)s
    WHERE district_id = %(district)s AND campaign_id = %(campaign)s
"""


def link_all(uow: UnitOfWork, campaign_id: str) -> None:
    """Links every row of a campaign that waits."""
    while link_some(uow, campaign_id) == ROWS_A_SET:
        pass


def link_some(uow: UnitOfWork, campaign_id: str) -> int:
    """Links the next rows of a campaign that wait, oldest first; gives how many these were."""
    key = (hex_of(uow.district_id), hex_of(campaign_id))
    if not uow.rows(_WAITING, key):
        return 0
    uow.write(_BEGIN, {"campaign": key[1], "before": BEFORE_ALL})
    [(number, digest)] = uow.rows(_END, key)
    waiting = uow.rows(_WAITING, key)
    digests, last = list[bytes](), bytes(digest)
    for _, content, *_ in waiting:
        last = digest_after(last, content)
        digests.append(last)
    if not waiting:
        return 0
    ids, _, amounts, discounts, governments = zip(*waiting, strict=True)
    numbers = list(range(number + 1, number + 1 + len(waiting)))
    uow.write(_LINK, {"ids": id_array(ids), "numbers": number_array(numbers), "digests": bytes_array(digests)})
    sums = {"amount": sum(amounts), "discount": sum(discounts), "government": sum(governments)}
    uow.write(_MOVE_END, {"campaign": key[1], "rows": numbers[-1], "digest": last, **sums})
    return len(waiting)


def link_in_district(uow: UnitOfWork) -> int:
    """Links some rows of each campaign that has any; gives how many these were."""
    return sum(link_some(uow, campaign_id) for campaign_id in queries.campaigns_with_waiting(uow))

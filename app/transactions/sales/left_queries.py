"""What a sale's refunds have given back so far."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.foundation.database.sql_arrays import id_array
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.transactions.sales.left import SoFar

_SO_FAR = """
    SELECT transaction_id, sum(amount)::bigint, sum(money_amount)::bigint, sum(discount_reversed)::bigint,
           sum(points_reversed)::bigint, sum(merchant_reversed)::bigint, sum(points_restored)::bigint,
           coalesce(sum(eligible_amount), 0)::bigint,
           coalesce(sum(amount) FILTER (WHERE eligible_amount IS NULL), 0)::bigint
    FROM refunds WHERE district_id = %(district)s AND transaction_id = ANY(%(sales)s::uuid[]) GROUP BY transaction_id
"""


def ask_so_far(uow: UnitOfWork, sale_ids: Sequence[str]) -> Callable[[], dict[str, SoFar]]:
    """Sends the question what refunds of sales have given back, for those that have any; call the result for it.

    Lock the sales first.
    """
    cursor = uow.execute(_SO_FAR, {"district": hex_of(uow.district_id), "sales": id_array(sale_ids)})
    return lambda: {f"txn_{sale}": SoFar(*sums) for sale, *sums in cursor.fetchall()}

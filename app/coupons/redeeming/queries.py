"""Reading redemptions and reservations, locks included."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple
from zlib import crc32

from sqlalchemy import Select, select

from app.coupons.redeeming.models import Redemption
from app.foundation.database.parts import Asked
from app.foundation.database.sql_arrays import id_array, number_array, rows_of, text_array
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.foundation.problems import NotFound

BUCKETS = 64
"""Into so many locks a district's references fall: a set of a thousand sales takes no more of them."""
_BUCKETS = """
    SELECT count({lock}(hashtextextended(%(district)s::uuid::text || bucket, 4)))
    FROM (SELECT bucket FROM unnest(%(buckets)s::integer[]) AS bucket ORDER BY bucket) AS b
"""
_SHARED, _ALONE = (_BUCKETS.format(lock=one) for one in ("pg_advisory_xact_lock_shared", "pg_advisory_xact_lock"))
_SHARED_IF_FREE = """
    SELECT bucket FROM unnest(%(buckets)s::integer[]) AS bucket
    WHERE pg_try_advisory_xact_lock_shared(hashtextextended(%(district)s::uuid::text || bucket, 4))
"""
OF_CAMPAIGNS = """
    SELECT r.id, r.campaign_id, r.redeemed_at FROM redemptions AS r WHERE r.district_id = %(district)s
"""
"""Of which campaigns redemptions are, and since when."""
_OPEN = f"""
    SELECT k.merchant, k.reference, r.id, r.coupon_id, r.campaign_id, c.member_id, r.store_id, r.channel, r.body_print,
           r.discount_amount, r.taken
    FROM {rows_of(merchants="uuid", references="text")} AS k (merchant, reference)
    CROSS JOIN LATERAL (
        SELECT * FROM redemptions AS o WHERE o.district_id = %(district)s::uuid AND o.merchant_id = k.merchant
          AND o.reference = k.reference AND o.transaction_id IS NULL AND o.state = 'redeemed'
    ) AS r
    JOIN coupons AS c ON c.district_id = %(district)s::uuid AND c.id = r.coupon_id ORDER BY r.id
"""
_ARE_HELD = """
    SELECT EXISTS (SELECT FROM (
        SELECT c.status, c.reserved_until FROM coupons AS c
        WHERE c.district_id = %(district)s AND c.member_id = ANY(%(members)s::uuid[])
          AND c.status IN ('issued', 'reserved') ORDER BY c.id {lock}
    ) AS c WHERE c.status = 'reserved' AND c.reserved_until > %(now)s)
"""
_APART = """
    SELECT id, coupon_id, store_id, amount, channel, items, body_print, discount_amount, taken,
           transaction_id IS NULL AND state = 'redeemed'
    FROM redemptions WHERE district_id = %s AND merchant_id = %s AND reference = %s AND body_print IS NOT NULL ORDER BY id
"""
Pair = tuple[str, str]


def visible_redemptions(uow: UnitOfWork) -> Select[Redemption]:
    """Redemptions that the principal may see: all to a district's key, else those of its merchant or store."""
    query = select(Redemption).where(Redemption.district_id == uow.district_id)
    if uow.principal.store_id:
        return query.where(Redemption.store_id == uow.principal.store_id)
    own = uow.principal.merchant_id
    return query.where(Redemption.merchant_id == own) if own else query


def filtered(uow: UnitOfWork, filters: Mapping[str, Any]) -> Select[Redemption]:
    """Those of them that are asked for; `from` and `to` say when they were redeemed."""
    query = visible_redemptions(uow)
    for name in ("campaign_id", "merchant_id", "store_id", "state"):
        if filters.get(name):
            query = query.where(getattr(Redemption, name) == filters[name])
    if filters.get("from"):
        query = query.where(Redemption.redeemed_at >= filters["from"])
    if filters.get("to"):
        query = query.where(Redemption.redeemed_at < filters["to"])
    return query


def of_coupon(uow: UnitOfWork, coupon_id: str) -> list[Redemption]:
    """What a coupon was redeemed for, as far as the principal may see it, newest first."""
    query = visible_redemptions(uow).where(Redemption.coupon_id == coupon_id)
    is_over = Redemption.state.in_(("returned", "rolled_back"))
    either = (query.where(is_over), query.where(~is_over))
    rows = [row for one in either for row in uow.session.scalars(one)]
    return sorted(rows, key=lambda row: row.id, reverse=True)


def find_redemption(uow: UnitOfWork, redemption_id: str) -> Redemption:
    """Raises NotFound."""
    return _found(uow, visible_redemptions(uow).where(Redemption.id == redemption_id))


class Named(NamedTuple):
    """What never changes of a redemption: its coupon, and the bill of which merchant it is for."""

    coupon_id: str
    merchant_id: str
    reference: str


def name_redemption(uow: UnitOfWork, redemption_id: str) -> Named:
    """What is to be locked before a redemption. Raises NotFound."""
    columns = Redemption.coupon_id, Redemption.merchant_id, Redemption.reference
    query = visible_redemptions(uow).where(Redemption.id == redemption_id).with_only_columns(*columns)
    row = uow.session.execute(query).one_or_none()
    if row is None:
        raise NotFound
    return Named(*row)


class RedeemedApart(NamedTuple):
    """A redemption by itself: of which coupon, for what bill, and what it took off that; amounts in minor units.

    `taken`: from which lines. `is_open`: it waits for its sale.
    """

    redemption_id: str
    coupon_id: str
    store_id: str
    amount: int
    channel: str | None
    items: list[dict[str, Any]] | None
    body_print: bytes
    discount: int
    taken: list[list[int]]
    is_open: bool


def apart_under(uow: UnitOfWork, merchant_id: str, reference: str) -> list[RedeemedApart]:
    """What was redeemed by itself under a merchant's reference, whatever became of it, in order of time."""
    rows = uow.rows(_APART, (hex_of(uow.district_id), hex_of(merchant_id), reference))
    return [RedeemedApart(f"red_{one}", f"cpn_{coupon}", f"str_{store}", *more) for one, coupon, store, *more in rows]


def lock_redemption(uow: UnitOfWork, redemption_id: str) -> Redemption:
    """A redemption to be changed; lock its reference and its coupon before. Raises NotFound."""
    return _found(uow, visible_redemptions(uow).where(Redemption.id == redemption_id).with_for_update())


def _found(uow: UnitOfWork, query: Select[Redemption]) -> Redemption:
    row = uow.session.scalars(query).one_or_none()
    if row is None:
        raise NotFound
    return row


def lock_reference(uow: UnitOfWork, merchant_id: str, reference: str) -> None:
    """Has what is redeemed under a merchant's reference alone: no sale of it is under way until the commit."""
    uow.rows(_ALONE, _buckets(uow, [(merchant_id, reference)]))


def ask_shared_references(uow: UnitOfWork, pairs: Collection[Pair], *, wait: bool = True) -> Asked[set[Pair]]:
    """Lets what is redeemed under references of merchants stay as it is until the commit, for other sales too.

    Call the result for those for which it does: all, or without `wait` those that nobody redeems for just now.
    """
    if wait:
        uow.execute(_SHARED, _buckets(uow, pairs))
        return lambda: set(pairs)
    cursor = uow.execute(_SHARED_IF_FREE, _buckets(uow, pairs))

    def answer() -> set[Pair]:
        free = {bucket for (bucket,) in cursor.fetchall()}
        return {pair for pair in pairs if _bucket(pair) in free}

    return answer


def _buckets(uow: UnitOfWork, pairs: Iterable[Pair]) -> dict[str, Any]:
    return {"district": hex_of(uow.district_id), "buckets": number_array(sorted(set(map(_bucket, pairs))))}


def _bucket(pair: Pair) -> int:
    merchant_id, reference = pair
    return crc32(f"{merchant_id}{reference}".encode()) % BUCKETS


class OpenRedemption(NamedTuple):
    """A redemption that waits for its sale: of which coupon and campaign, whose that is, where and for what bill it was
    redeemed, and what it took off that (fen), and from which lines.
    """

    redemption_id: str
    coupon_id: str
    campaign_id: str
    member_id: str | None
    store_id: str
    channel: str | None
    body_print: bytes
    discount: int
    taken: list[list[int]]


def ask_open(uow: UnitOfWork, pairs: Collection[Pair]) -> Asked[dict[Pair, list[OpenRedemption]]]:
    """Sends the question what waits for sales under references of merchants; share these before."""
    merchants, references = zip(*pairs, strict=True)
    values = {"merchants": id_array(merchants), "references": text_array(references)}
    cursor = uow.execute(_OPEN, {"district": hex_of(uow.district_id), **values})

    def answer() -> dict[Pair, list[OpenRedemption]]:
        found: dict[Pair, list[OpenRedemption]] = {}
        for merchant, reference, one, coupon, campaign, member, store, *more in cursor.fetchall():
            ids = f"red_{one}", f"cpn_{coupon}", f"cam_{campaign}", member and f"mem_{member}", f"str_{store}"
            found.setdefault((f"mer_{merchant}", reference), []).append(OpenRedemption(*ids, *more))
        return found

    return answer


def any_held(uow: UnitOfWork, member_ids: Collection[str], *, lock: bool = False) -> bool:
    """Whether a coupon of some members is held for a bill; with `lock` none will be until the commit."""
    query = _ARE_HELD.format(lock="FOR UPDATE" if lock else "")
    values = {"district": hex_of(uow.district_id), "members": id_array(list(member_ids)), "now": uow.now}
    return bool(uow.rows(query, values)[0][0])

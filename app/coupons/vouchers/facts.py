"""What screening has to know of a set of vouchers: asked in one packet, and only where there are any.

Tills are compared with each other only once one has as many vouchers as a campaign asks for: most days none has.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.coupons.bill.terms import Terms
from app.coupons.campaigns import queries as campaigns
from app.coupons.issuing import queries as coupons
from app.coupons.vouchers.screening import ShopCount, Thresholds, VoucherCounts, thresholds_of
from app.foundation.database.sql_arrays import id_array
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.members import queries as members

_REDEEMED = """
    FROM evidence AS e WHERE e.district_id = %(district)s AND campaign_id = ANY(%(campaigns)s::uuid[]) AND kind = 'redemption'
"""
_BY_MEMBER = f"""
    SELECT e.campaign_id, m.survivor, count(*)
    FROM ({members.AND_MERGED}) AS m JOIN (SELECT * {_REDEEMED} AND day = %(day)s) AS e ON e.member_id = m.id
    GROUP BY e.campaign_id, m.survivor
"""
_BY_SHOP = f"""
    SELECT campaign_id, store_id, count(*), count(*) FILTER (WHERE is_at_minimum) {_REDEEMED}
    AND store_id = ANY(%(stores)s::uuid[]) GROUP BY campaign_id, store_id
"""
_BY_TILL = f"SELECT campaign_id, till, count(*) {_REDEEMED} AND day = %(day)s {{only}} GROUP BY campaign_id, till"
_BY_OWN_TILL = _BY_TILL.format(only="AND till = ANY(%(tills)s::uuid[])")
_BY_EVERY_TILL = _BY_TILL.format(only="")


@dataclass(frozen=True, slots=True)
class Voucher:
    """A voucher on the bill of a sale.

    `redemption`: the row as it will stand, to be marked. `member_id`: its holder, or who bought. `matching_amount`: what
    the campaign looks at of the bill. `is_outside_hours`: None where the shop has no hours.
    """

    redemption: dict[str, Any]
    terms: Terms
    member_id: str | None
    matching_amount: int
    occurred_at: datetime
    is_outside_hours: bool | None = None

    @property
    def may_be_at_minimum(self) -> bool:
        """Whether its bill is near the minimum, however near a campaign takes that to be."""
        return self.matching_amount <= 2 * self.terms.min_amount


@dataclass(frozen=True, slots=True)
class Facts:
    """By campaign, from where on something looks odd and what was counted; members' numbers and tags; coupons' indexes."""

    limits: Mapping[str, Thresholds]
    counts: Mapping[str, VoucherCounts]
    holders: Mapping[str, tuple[str, list[str]]]
    code_indexes: Mapping[str, bytes]


def ask_facts(uow: UnitOfWork, vouchers: Sequence[Voucher], today: date) -> Facts:
    """What there was before some vouchers. Two tills at one moment may not see each other's last; a member's are in order."""
    rows = [one.redemption for one in vouchers]
    campaign_ids = {row["campaign_id"] for row in rows}
    named = {one.member_id for one in vouchers if one.member_id is not None}
    values = {
        "district": hex_of(uow.district_id),
        "day": today,
        "campaigns": id_array(sorted(campaign_ids)),
        "members": id_array(sorted(named)),
        "stores": id_array(sorted({one.redemption["store_id"] for one in vouchers if one.may_be_at_minimum})),
        "tills": id_array(sorted({row["principal_id"] for row in rows})),
    }
    screening = campaigns.ask_screening(uow, campaign_ids)
    indexes = coupons.ask_code_indexes(uow, {row["coupon_id"] for row in rows})
    holders = members.ask_holders(uow, named)
    by_member, by_shop, by_till = (uow.execute(one, values) for one in (_BY_MEMBER, _BY_SHOP, _BY_OWN_TILL))
    limits = {one: thresholds_of(kept) for one, kept in screening().items()}
    counts = {one: VoucherCounts() for one in campaign_ids}
    for campaign, member, some in by_member.fetchall():
        counts[f"cam_{campaign}"].by_member[f"mem_{member}"] = some
    for campaign, store, some, at_minimum in by_shop.fetchall():
        counts[f"cam_{campaign}"].by_shop[f"str_{store}"] = ShopCount(some, at_minimum)
    _count_tills(counts, by_till.fetchall())
    busy = _with_busy_tills(counts, limits, len(rows))
    if busy:
        _count_tills(counts, uow.rows(_BY_EVERY_TILL, {**values, "campaigns": id_array(sorted(busy))}))
    return Facts(limits, counts, holders(), indexes())


def _count_tills(counts: Mapping[str, VoucherCounts], rows: Collection[tuple[Any, ...]]) -> None:
    for campaign, till, some in rows:
        counts[f"cam_{campaign}"].by_till[f"key_{till}"] = some


def _with_busy_tills(counts: Mapping[str, VoucherCounts], limits: Mapping[str, Thresholds], more: int) -> set[str]:
    """Campaigns of which a till may have many vouchers, once it has these too."""
    return {
        campaign
        for campaign, one in counts.items()
        if max(one.by_till.values(), default=0) + more >= limits[campaign].till_vouchers_per_day
    }

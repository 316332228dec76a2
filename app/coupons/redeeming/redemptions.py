"""Coupons used on bills, as a part of a unit of work: each bill sees which those before it used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from app.coupons.bill.funding import funded
from app.coupons.bill.terms import FUNDERS, Funder, Presented
from app.coupons.bill.together import Applied
from app.coupons.events import CouponRedeemed, CouponReleased
from app.coupons.issuing.counting import Tally, count
from app.coupons.redeeming import money
from app.coupons.redeeming.tendered import Tendered
from app.foundation.database.sql_arrays import (
    bytes_array,
    id_array,
    json_array,
    number_array,
    rows_of,
    text_array,
    unnested,
)
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import new_id
from app.ledger.rules import Journal

_TYPES = {
    **dict.fromkeys(("id", "coupon_id", "campaign_id", "member_id", "merchant_id"), "uuid"),
    **dict.fromkeys(("store_id", "transaction_id", "principal_id"), "uuid"),
    **dict.fromkeys(("reference", "channel", "payment_reference", "state"), "text"),
    **dict.fromkeys(("amount", "discount_amount", "set_aside"), "bigint"),
    **dict.fromkeys(("district_part", "merchant_part", "government_part"), "bigint"),
    **dict.fromkeys(("taken", "items", "reasons"), "jsonb"),
    "body_print": "bytea",
}
_MAKERS: Mapping[str, Any] = {
    "uuid": id_array,
    "text": text_array,
    "bigint": number_array,
    "jsonb": json_array,
    "bytea": bytes_array,
}
_INSERT = f"""
    INSERT INTO redemptions (district_id, redeemed_at, {", ".join(_TYPES)})
    VALUES (%(district)s::uuid, %(now)s::timestamptz, {unnested(**_TYPES)})
"""
_USE = f"""
    UPDATE coupons AS c SET status = 'redeemed', ended_at = %(now)s, set_aside = 0,
        reserved_by = NULL, reserved_reference = NULL, reserved_until = NULL
    FROM {rows_of(coupons="uuid")} AS w WHERE c.district_id = %(district)s AND c.id = w.coupons
"""
_LINK = """
    UPDATE redemptions AS r SET transaction_id = n.sale, discount_amount = n.discount, taken = n.taken,
        district_part = n.district, merchant_part = n.merchant, government_part = n.government
    FROM unnest(%(ids)s::uuid[], %(sales)s::uuid[], %(discounts)s::bigint[], %(taken)s::jsonb[],
                %(district_parts)s::bigint[], %(merchant_parts)s::bigint[], %(government_parts)s::bigint[])
        AS n (id, sale, discount, taken, district, merchant, government)
    WHERE r.district_id = %(district)s AND r.id = n.id
"""


@dataclass(frozen=True, slots=True)
class BillPaid:
    """The bill on which coupons are used: amount in minor units. `transaction_id`: of its sale, where that is reported.

    `items` and `body_print`: kept where there is no sale that has them. `principal_id`: who reports it.
    """

    merchant_id: str
    store_id: str
    reference: str
    amount: int
    principal_id: str
    transaction_id: str | None = None
    channel: str | None = None
    payment_reference: str | None = None
    items: Sequence[Mapping[str, Any]] | None = None
    body_print: bytes | None = None


class _Link(NamedTuple):
    """A redemption that has found its sale; `cut`: by so much less than it took off before."""

    redemption_id: str
    transaction_id: str
    campaign_id: str
    discount: int
    cut: int
    parts: Mapping[Funder, int]
    taken: list[list[int]]


class Redemptions:
    """Coupons that are tendered, by id, and what becomes of them. Hold them."""

    def __init__(self, uow: UnitOfWork, tendered: Mapping[str, Tendered]) -> None:
        self._uow = uow
        self._tendered = tendered
        self._used: set[str] = set()
        self._rows: list[dict[str, Any]] = []
        self._owed: list[money.FundingChange] = []
        self._links: list[_Link] = []
        self._let_go: list[CouponReleased] = []

    def __getitem__(self, coupon_id: str) -> Tendered:
        return self._tendered[coupon_id]

    def presented(self, coupon_id: str) -> Presented:
        """A coupon as the next bill sees it."""
        coupon = self._tendered[coupon_id].coupon
        return replace(coupon, state="redeemed", hold=None) if coupon_id in self._used else coupon

    def use(self, bill: BillPaid, applied: Iterable[Applied]) -> list[dict[str, Any]]:
        """Uses the coupons that count on a bill; gives the redemptions as they will stand."""
        rows = []
        for one in applied:
            tendered = self._tendered[one.coupon.coupon_id]
            self._note_hold(tendered.coupon)
            self._used.add(one.coupon.coupon_id)
            rows.append(_row(bill, tendered, one.discount, one.taken))
            self._owe(rows[-1]["id"], bill, one)
        self._rows += rows
        return rows

    def _owe(self, redemption_id: str, bill: BillPaid, applied: Applied) -> None:
        terms, journal = applied.coupon.terms, Journal(redemption_id, "redemption", bill.principal_id, self._uow.now)
        parts = funded(applied.discount, terms.funding)
        sponsor_id = terms.sponsor_merchant_id
        self._owed.append(
            money.FundingChange(journal, redemption_id, bill.merchant_id, sponsor_id, money.NOTHING, parts)
        )

    def _note_hold(self, coupon: Presented) -> None:
        """A hold that has ended is told of, if the job that tidies hasn't done so."""
        if coupon.hold is not None and coupon.hold.until <= self._uow.now:
            told = CouponReleased(coupon.coupon_id, coupon.terms.campaign_id, coupon.hold.merchant_id)
            self._let_go.append(told)

    def link(self, redemption_id: str, transaction_id: str, merchant_id: str, applied: Applied, before: int) -> None:
        """Joins what was redeemed before to its sale, with what it takes off that, at most what it took `before`."""
        terms, parts = applied.coupon.terms, funded(applied.discount, applied.coupon.terms.funding)
        taken, cut = sorted(map(list, applied.taken.items())), before - applied.discount
        self._links.append(_Link(redemption_id, transaction_id, terms.campaign_id, applied.discount, cut, parts, taken))
        journal, old = money.journal_of_return(self._uow, "coupon-sale"), funded(before, terms.funding)
        self._owed.append(
            money.FundingChange(journal, redemption_id, merchant_id, terms.sponsor_merchant_id, old, parts)
        )

    def write(self) -> None:
        """Sends the redemptions, what becomes of the coupons, and what is counted and told of them."""
        rows, uow = self._rows, self._uow
        self._write_links()
        money.post(uow, self._owed)
        if not rows:
            return
        uow.write(_INSERT, {name: _MAKERS[type_]([row[name] for row in rows]) for name, type_ in _TYPES.items()})
        uow.write(_USE, {"coupons": id_array([row["coupon_id"] for row in rows])})
        count(uow, ((row["campaign_id"], _tally(row)) for row in rows))
        uow.emit(*self._let_go, *map(_redeemed, rows))

    def _write_links(self) -> None:
        links = self._links
        if not links:
            return
        columns = {
            "ids": id_array([one.redemption_id for one in links]),
            "sales": id_array([one.transaction_id for one in links]),
            "discounts": number_array([one.discount for one in links]),
            "taken": json_array([one.taken for one in links]),
        }
        parts = {f"{funder}_parts": number_array([one.parts.get(funder, 0) for one in links]) for funder in FUNDERS}
        self._uow.write(_LINK, {**columns, **parts})
        count(self._uow, [(one.campaign_id, Tally(discount_given=-one.cut)) for one in links if one.cut])


def _row(bill: BillPaid, tendered: Tendered, discount: int, taken: Mapping[int, int]) -> dict[str, Any]:
    coupon = tendered.coupon
    parts = funded(discount, coupon.terms.funding)
    return {
        "id": new_id("red"),
        "coupon_id": coupon.coupon_id,
        "campaign_id": coupon.terms.campaign_id,
        "member_id": coupon.member_id,
        "merchant_id": bill.merchant_id,
        "store_id": bill.store_id,
        "reference": bill.reference,
        "transaction_id": bill.transaction_id,
        "amount": bill.amount,
        "discount_amount": discount,
        "district_part": parts.get("district", 0),
        "merchant_part": parts.get("merchant", 0),
        "government_part": parts.get("government", 0),
        "taken": sorted(map(list, taken.items())),
        "items": bill.items,
        "body_print": bill.body_print,
        "set_aside": tendered.set_aside,
        "state": "redeemed",
        "reasons": [],
        "channel": bill.channel,
        "payment_reference": bill.payment_reference,
        "principal_id": bill.principal_id,
    }


def _tally(row: Mapping[str, Any]) -> Tally:
    return Tally(redeemed=1, set_aside=-row["set_aside"], discount_given=row["discount_amount"])


def _redeemed(row: Mapping[str, Any]) -> CouponRedeemed:
    return CouponRedeemed(
        row["id"],
        row["coupon_id"],
        row["campaign_id"],
        row["merchant_id"],
        row["store_id"],
        row["transaction_id"],
        row["discount_amount"],
    )

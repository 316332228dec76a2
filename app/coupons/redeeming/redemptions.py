"""Coupons used on bills, as a part of a unit of work: each bill sees which those before it used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.coupons.bill.funding import funded
from app.coupons.bill.terms import Presented
from app.coupons.bill.together import Reckoning
from app.coupons.events import CouponRedeemed
from app.coupons.issuing.counting import Tally, count
from app.coupons.redeeming.tendered import Tendered
from app.foundation.database.sql_arrays import bytes_array, id_array, json_array, number_array, text_array, unnested
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import new_id

_TYPES = {
    **dict.fromkeys(("id", "coupon_id", "campaign_id", "member_id", "merchant_id"), "uuid"),
    **dict.fromkeys(("store_id", "transaction_id", "principal_id"), "uuid"),
    **dict.fromkeys(("reference", "channel", "payment_reference", "state"), "text"),
    **dict.fromkeys(("amount", "discount_amount", "set_aside"), "bigint"),
    **dict.fromkeys(("district_part", "merchant_part", "government_part"), "bigint"),
    **dict.fromkeys(("taken", "items"), "jsonb"),
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
_USE = """
    UPDATE coupons SET status = 'redeemed', ended_at = %(now)s, set_aside = 0,
        reserved_by = NULL, reserved_reference = NULL, reserved_until = NULL
    WHERE district_id = %(district)s AND id = ANY(%(coupons)s::uuid[])
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


class Redemptions:
    """Coupons that are tendered, by id, and what becomes of them. Hold them."""

    def __init__(self, uow: UnitOfWork, tendered: Mapping[str, Tendered]) -> None:
        self._uow = uow
        self._tendered = dict(tendered)
        self._rows: list[dict[str, Any]] = []

    def __getitem__(self, coupon_id: str) -> Tendered:
        return self._tendered[coupon_id]

    def presented(self, coupon_id: str) -> Presented:
        """A coupon as the next bill sees it."""
        return self._tendered[coupon_id].coupon

    def use(self, bill: BillPaid, reckoning: Reckoning) -> list[dict[str, Any]]:
        """Uses the coupons that count on a bill; gives the redemptions as they will stand."""
        rows = []
        for one in reckoning.applied:
            tendered = self._tendered[one.coupon.coupon_id]
            used = replace(tendered.coupon, state="redeemed", hold=None)
            self._tendered[used.coupon_id] = replace(tendered, coupon=used)
            rows.append(_row(bill, tendered, one.discount, one.taken))
        self._rows += rows
        return rows

    def write(self) -> None:
        """Sends the redemptions, what becomes of the coupons, and what is counted and told of them."""
        rows, uow = self._rows, self._uow
        if not rows:
            return
        uow.write(_INSERT, {name: _MAKERS[type_]([row[name] for row in rows]) for name, type_ in _TYPES.items()})
        uow.write(_USE, {"coupons": id_array([row["coupon_id"] for row in rows])})
        count(uow, ((row["campaign_id"], _tally(row)) for row in rows))
        uow.emit(*map(_redeemed, rows))


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

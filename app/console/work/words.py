"""Kinds, fields and lists of imports and exports in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.foundation.i18n import Words
from app.foundation.i18n import words as _l

KINDS: Mapping[str, Words] = {
    "sales": _l("Transactions"),
    "refunds": _l("Refunds"),
    "members": _l("Members"),
    "merchants": _l("Merchants and stores"),
}
FIELD_NAMES: Mapping[str, Words] = {
    "reference": _l("Reference"),
    "transaction_reference": _l("Reference of the sale"),
    "amount": _l("Amount"),
    "eligible_amount": _l("Of that, what earns points"),
    "occurred_at": _l("Time"),
    "day": _l("Day"),
    "phone": _l("Phone"),
    "member_id": _l("Member id"),
    "store_code": _l("Code of the store"),
    "payment_method": _l("Payment method"),
    "payment_reference": _l("Payment number"),
    "reason": _l("Reason"),
    "merchant_id": _l("Merchant id"),
    "name": _l("Name"),
    "birthday": _l("Birthday"),
    "tags": _l("Tags"),
    "points": _l("Opening points"),
    "code": _l("Code of the merchant"),
    "category": _l("Category"),
    "store_name": _l("Name of the store"),
    "zone": _l("Zone"),
    "area_m2": _l("Area, m²"),
}
FIELDS: Mapping[str, Sequence[str]] = {
    "sales": (
        "reference",
        "amount",
        "occurred_at",
        "day",
        "phone",
        "store_code",
        "payment_method",
        "payment_reference",
        "eligible_amount",
    ),
    "refunds": ("reference", "transaction_reference", "amount", "occurred_at", "day", "reason"),
    "members": ("phone", "name", "birthday", "tags", "points", "store_code"),
    "merchants": ("code", "name", "category", "store_code", "store_name", "zone", "area_m2"),
}

"""A checked report as a value, and the prints that tell it from another."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

import orjson

from app.coupons.bill.codes import read_code
from app.coupons.bill.errors import CodeMistyped
from app.coupons.redeeming.queries import OpenRedemption
from app.foundation.database import idempotency
from app.foundation.runtime import keyring
from app.foundation.tenancy import Origin, Principal
from app.members.codes.guessing import Guesses
from app.transactions.codes.shown_codes import PresentedCode
from app.transactions.reports import SaleReport


@dataclass(slots=True)
class Sale:
    """A checked report, who sends it, and what is found out of it on the way to the desk.

    `body_print` tells one body from another, but for its reference and who bought; `member_prints` tell how the buyer
    was named: by a phone, under each key of the blind index, the current one first.
    `guesses`: of the till, where a member code came with it. `presented`: what that code, or a token, says.
    `codes`: of its coupons, in the order in which they were sent, as `read_code` reads them. `redeemed_before`: what was
    redeemed under its reference and waits for it; `is_redeemed_for`: a neighbour may be adding to that.
    `buyer`: the member that it names, or to whom its code, token or phone leads, before anybody has looked for them.
    `is_by_stranger`: the phone isn't looked up, for the answer mustn't tell whose it is. `origin`: for the audit log.
    """

    principal: Principal
    report: SaleReport
    idempotency_key: str | None = None
    body_print: bytes = b""
    member_prints: tuple[bytes, ...] = ()
    phone_indexes: tuple[bytes, ...] = ()
    guesses: Guesses | None = None
    presented: PresentedCode | None = None
    codes: tuple[str | CodeMistyped, ...] = ()
    redeemed_before: tuple[OpenRedemption, ...] = ()
    is_redeemed_for: bool = False
    buyer: str | None = None
    is_by_stranger: bool = False
    origin: Origin | None = None

    @property
    def is_present(self) -> bool:
        """Whether the buyer stands at the till, by a live code or token; one that may have been spent by before."""
        return self.presented is not None and self.presented.spend_refusal is None

    @property
    def key_print(self) -> bytes:
        """What an idempotency key compares, besides the buyer."""
        return hashlib.blake2b(self.body_print + self.report.reference.encode(), digest_size=16).digest()

    @property
    def key_prints(self) -> tuple[bytes, ...]:
        """The same as it is stored: under each index key, the first now."""
        return idempotency.sealed(self.principal.district_id, self.key_print)


_VALUES = (
    "amount",
    "eligible_amount",
    "currency",
    "points_to_spend",
    "occurred_at",
    "channel",
    "payment_method",
    "payment_reference",
    "coupons",
    "items",
    "metadata",
)
_COUPONS = 1 + _VALUES.index("coupons")
_values_of_report = attrgetter(*_VALUES)


def print_of_body(report: SaleReport, store_id: str, codes: Sequence[str | CodeMistyped] = ()) -> bytes:
    """16 bytes of everything in a report but its reference and its buyer; a store is the same by id and by code.

    `codes`: of its coupons, which are the same in any order and however they are written.
    """
    values = [store_id, *_values_of_report(report)]
    if codes:
        said = zip(report.coupons, codes, strict=True)
        values[_COUPONS] = sorted(code if isinstance(code, str) else text for text, code in said)
    canonical = orjson.dumps(values, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)
    return hashlib.blake2b(canonical, digest_size=16).digest()


def print_of_member(kind: str, value: bytes) -> bytes:
    """16 bytes of how a buyer was named."""
    return hashlib.blake2b(value, digest_size=16, person=kind.encode()[:16]).digest()


def name_prints(sale: Sale, store_id: str, district_id: str) -> None:
    """Finds the prints of a sale at a store, and the blind indexes of its phone."""
    report = sale.report
    if report.coupons:
        sale.codes = tuple(map(_read, report.coupons))
    sale.body_print = print_of_body(report, store_id, sale.codes)
    named_by = report.buyer_named_by
    if report.phone is not None and named_by == "phone":
        sale.phone_indexes = tuple(keyring().indexes(district_id, "phone", report.phone).values())
        sale.member_prints = tuple(print_of_member("phone", index) for index in sale.phone_indexes)
    elif named_by is not None:
        sale.member_prints = (print_of_member(named_by, getattr(report, named_by).encode()),)


def _read(text: str) -> str | CodeMistyped:
    try:
        return read_code(text)
    except CodeMistyped as mistyped:
        return mistyped

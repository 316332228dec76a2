"""What this wing answers."""

from __future__ import annotations

from app.foundation.http.contract.shapes import day, integer, list_of, nullable, one_of, public_id, record, text, thing

STATEMENT = thing(
    "bank_statement",
    {
        "booked": integer(3, description="New lines by which a payment was booked."),
        "found": integer(2, description="New lines of what had been booked before."),
        "returned": integer(0, description="New lines by which money came back."),
        "ambiguous": integer(1, description="New lines that may be of several payments."),
        "left": integer(1, description="New lines that are of none."),
        "known": integer(0, description="Lines that an earlier statement had."),
        "not_read": {**list_of(integer(9)), "description": "Rows without a day or an amount."},
    },
)
_LINE = record(
    {
        "id": public_id("bln"),
        "booked_on": day(),
        "amount": integer(41_000, description="Above 0 came in."),
        "reference": text("20260415-000731"),
        "holder": text("湖滨餐饮有限公司"),
        "purpose": text("货款"),
        "state": one_of("ambiguous", "left"),
        "payment_ids": list_of(public_id("pay"), description="Which it may be of: confirm the one that it is."),
    },
    title="BankLine",
)
_UNSEEN = record(
    {
        "payment_id": public_id("pay"),
        "attempt": integer(1),
        "amount": integer(-41_000),
        "reference": nullable(text("20260415-000731")),
    },
    title="UnseenPayment",
)
RECONCILIATION = thing(
    "reconciliation",
    {
        "cash": integer(110_600),
        "lines": list_of(_LINE, description="Of the bank's, of no payment; the newest 200."),
        "payments": list_of(_UNSEEN, description="Booked, and shown by no line of the bank's; the newest 200."),
    },
)

"""What this room answers."""

from __future__ import annotations

from app.foundation.http.contract.shapes import (
    day,
    flag,
    instant,
    integer,
    list_of,
    nullable,
    one_of,
    page_of,
    public_id,
    record,
    text,
    thing,
)
from app.settlement.rules import HOLDS, INVOICES, LINES, OWN_POINTS, PARTIES, PERIODS, SIDES
from app.settlement.schemas import STATUSES

_PRICES = {"issue_price": text("1.2"), "redemption_price": text("1")}
TERMS = thing(
    "settlement_terms",
    {
        "id": public_id("trm"),
        "version": integer(1),
        "effective_from": day("2026-03-01"),
        "period": one_of(*PERIODS),
        **_PRICES,
        "breakage_share": integer(50),
        "own_points": one_of(*OWN_POINTS),
        "least_payment": integer(100),
        "dispute_days": integer(10),
        "payment_days": integer(15),
        "exit_days": integer(90),
        "overrides": list_of(record({"merchant_id": public_id("mer"), **_PRICES}, title="PriceOverride")),
        "created_at": instant(),
    },
)
TERMS_LIST = page_of(TERMS)
PARTY = record({"kind": one_of(*PARTIES), "id": text("mer_0193f2a1c0de7b5c9a4e2d6f81b3c507")}, title="Party")
_OWN = "A merchant's own; null to the alliance."
_ALL = "Of all parties; null to a merchant."
PERIOD = thing(
    "settlement_period",
    {
        "id": public_id("per"),
        "number": integer(1),
        "starts_on": day("2026-03-01"),
        "ends_on": day("2026-03-31"),
        "starts_at": instant(),
        "ends_at": instant(),
        "terms_version": integer(1),
        "status": one_of(*STATUSES),
        "closed_at": nullable(instant()),
        "hash": nullable(
            text("9f2c…", description="Of a closed period: it takes in the one before, and every statement.")
        ),
        "parties": nullable(integer(3, description=_ALL)),
        "pool": nullable(integer(340, description=f"What net positions lack to 0. {_ALL}")),
        "owed_to_parties": nullable(integer(270, description=f"The sum of net positions above 0. {_ALL}")),
        "owed_by_parties": nullable(integer(610, description=f"The sum of those below 0. {_ALL}")),
        "net_position": nullable(integer(-410, description=_OWN)),
        "reserve": nullable(
            record(
                {
                    "outstanding": text("300", description="What the points that are out are worth, exactly."),
                    "pool": text("340", description="What the pool holds with all that isn't settled, exactly."),
                    "booked": integer(340, description="The same as its lines were rounded."),
                    "drawable": integer(40, description="What the district may draw."),
                },
                title="Reserve",
            )
        ),
        "direct_payments": list_of(
            record({"payer": PARTY, "payee": PARTY, "amount": integer(340)}, title="DirectPayment"),
            description="Of a closed period: who would pay whom if nobody kept money in between. Only the alliance is told.",
        ),
    },
)
PERIODS_LIST = page_of(PERIOD)
_LINE = record(
    {
        "line": integer(1),
        "kind": one_of(*LINES),
        "points": integer(110, description="0 where money moves; signed as the amount."),
        "price": nullable(text("1")),
        "terms_version": nullable(integer(1)),
        "campaign_id": nullable(public_id("cam")),
        "funder": nullable(PARTY),
        "amount": integer(110),
        "items": integer(1),
        "of_earlier_periods": integer(1),
    },
    title="StatementLine",
)
_HOLD = record(
    {
        "statement_id": public_id("stm"),
        "kind": one_of(*HOLDS),
        "source_id": nullable(text("dsp_0193f2a1c0de7b5c9a4e2d6f81b3c507")),
        "amount": integer(80),
        "reason": text("待财政拨款"),
        "placed_at": instant(),
    },
    title="StatementHold",
)
INVOICE = thing(
    "statement_invoice",
    {
        "id": public_id("ivc"),
        "statement_id": public_id("stm"),
        "number": text("26312000000012345678"),
        "direction": one_of(*INVOICES),
        "amount": integer(1001),
        "issued_on": day("2026-04-02"),
        "side": one_of(*SIDES),
        "noted_at": instant(),
    },
)
STATEMENT = thing(
    "statement",
    {
        "id": public_id("stm"),
        "period_id": public_id("per"),
        "party": PARTY,
        "opening": integer(0),
        "net_position": integer(1111),
        "payments": integer(0),
        "closing": integer(1111),
        "held": integer(0),
        "payable": integer(1111),
        "status": one_of("issued", "approved"),
        "tacit": flag(),
        "is_final": flag(),
        "issued_at": instant(),
        "dispute_until": instant(),
        "to_invoice": integer(1001, description="What the party is paid for."),
        "to_be_invoiced": integer(-110, description="What it is charged for; below 0 where more went back."),
        "invoiced": integer(1001, description="What noted invoices come to, of `to_invoice`."),
        "been_invoiced": integer(0, description="The same of `to_be_invoiced`."),
        "lines": list_of(_LINE),
        "invoices": list_of(INVOICE),
        "holds": list_of(
            _HOLD,
            description="What `held` is made of: of this statement, or of an earlier one whose balance it carries on.",
        ),
    },
)
STATEMENTS_LIST = page_of(STATEMENT)
_ITEM = thing(
    "statement_item",
    {
        "id": nullable(public_id("jou")),
        "source_id": nullable(text("txn_0193f2a1c0de7b5c9a4e2d6f81b3c507")),
        "recorded_at": nullable(instant()),
        "day": nullable(day("2026-03-01")),
        "points": integer(-12),
        "amount": text("-14.4", description="Exact; a line's sum is rounded once."),
    },
)
ITEMS_LIST = page_of(_ITEM)

"""What this wing answers."""

from __future__ import annotations

from app.foundation.http.contract.shapes import (
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
from app.settlement.answers import PARTY
from app.settlement.disputes.rules import CORRECTION_STATUSES, DISPUTE_STATUSES, REASONS
from app.settlement.rules import SIDES

_LINE = record(
    {
        "line": nullable(integer(2)),
        "amount": integer(36),
        "item_ids": list_of(text("rfd_0193f2a1c0de7b5c9a4e2d6f81b3c507")),
    },
    title="DisputedLine",
)
_MESSAGE = record(
    {"side": one_of(*SIDES), "text": text("请看 3 月 8 日的小票"), "sent_at": instant()}, title="DisputeMessage"
)
DISPUTE = thing(
    "dispute",
    {
        "id": public_id("dsp"),
        "statement_id": public_id("stm"),
        "party": PARTY,
        "status": one_of(*DISPUTE_STATUSES),
        "reason": one_of(*REASONS),
        "text": nullable(text("这笔退款不是本店的")),
        "amount": integer(36),
        "lines": list_of(_LINE),
        "messages": list_of(_MESSAGE),
        "answer": nullable(text("核实属实")),
        "accepted_amount": nullable(integer(36)),
        "correction_id": nullable(public_id("cor")),
        "opened_at": instant(),
        "ended_at": nullable(instant()),
    },
)
DISPUTES_LIST = page_of(DISPUTE)
CORRECTION = thing(
    "correction",
    {
        "id": public_id("cor"),
        "party": PARTY,
        "amount": integer(36, description="What the party gets more from the district; below 0 it pays."),
        "reason": text("三月漏计"),
        "status": one_of(*CORRECTION_STATUSES),
        "proposed_at": instant(),
        "decided_at": nullable(instant()),
    },
)
CORRECTIONS_LIST = page_of(CORRECTION)

"""What this wing answers."""

from __future__ import annotations

from app.foundation.http.contract.shapes import (
    day,
    flag,
    instant,
    integer,
    nullable,
    one_of,
    page_of,
    public_id,
    record,
    text,
    thing,
)
from app.settlement.accounts.rules import BEYOND_LIMIT, CREDIT_STATES, DEPOSIT_MOVES, EXIT_STAGES, PROVIDERS

_BANK = record(
    {
        "holder": text("张三餐饮有限公司"),
        "account_number": text("************1234", description="Its end only."),
        "bank": nullable(text("某某银行城东支行")),
        "bank_code": nullable(text("102100099996")),
        "changed_at": instant(),
        "approved_at": nullable(instant()),
        "pays_out_from": nullable(instant()),
    },
    title="BankDetails",
)
SETTLEMENT_ACCOUNT = thing(
    "settlement_account",
    {
        "id": public_id("mer"),
        "merchant_id": public_id("mer"),
        "provider": one_of(*PROVIDERS),
        "credit_limit": nullable(integer(100_000)),
        "beyond_limit": one_of(*BEYOND_LIMIT),
        "deposit": integer(50_000),
        "exposure": integer(18_000, description="What the merchant owes beyond its deposit, now; below 0 nothing."),
        "credit_state": one_of(*CREDIT_STATES),
        "awards_paused": flag(),
        "bank_details": nullable(_BANK),
        "may_be_paid": flag(),
    },
)
DEPOSIT = thing(
    "deposit",
    {
        "id": public_id("dep"),
        "merchant_id": public_id("mer"),
        "kind": one_of(*DEPOSIT_MOVES),
        "amount": integer(50_000),
        "deposit": integer(50_000, description="What it came to by that."),
        "reference": nullable(text("20260301-0042")),
        "recorded_at": instant(),
    },
)
EXIT = thing(
    "merchant_exit",
    {
        "id": public_id("mer"),
        "merchant_id": public_id("mer"),
        "stage": one_of(*EXIT_STAGES),
        "announced_at": instant(),
        "last_award_on": day("2026-06-30"),
        "last_accept_on": day("2026-07-31"),
        "refunds_until": instant(),
        "final_statement_id": nullable(public_id("stm")),
        "written_off": integer(230, description="What the district bears for it."),
        "ended_at": nullable(instant()),
    },
)
DEPOSITS_LIST = page_of(DEPOSIT)

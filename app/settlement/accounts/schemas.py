"""Bodies and queries of this wing."""

from __future__ import annotations

from app.foundation.http.fields import Body, Day, Integer, Object, OneOf, Text, TokenText, page_query
from app.settlement.accounts.rules import BEYOND_LIMIT, MOVES, PROVIDERS


class BankDetailsBody(Body):
    """Where a merchant is paid. Numbers are texts: `0012` is not 12."""

    holder = Text(200, required=True, example="张三餐饮有限公司")
    account_number = TokenText(40, required=True, example="0012345678901234")
    bank = Text(200, load_default=None, allow_none=True, example="某某银行城东支行")
    bank_code = TokenText(20, load_default=None, allow_none=True, example="102100099996")


class SettlementAccountChange(Body):
    """What changes of how a merchant is billed; null takes away a limit, or bank details."""

    provider = OneOf(PROVIDERS)
    credit_limit = Integer(1, allow_none=True, example=100_000)
    beyond_limit = OneOf(BEYOND_LIMIT)
    bank_details = Object(BankDetailsBody, allow_none=True)


class DepositBody(Body):
    """What was received of a deposit, or given back."""

    kind = OneOf(MOVES, load_default="received")
    amount = Integer(1, required=True, example=50_000)
    reference = Text(100, load_default=None, allow_none=True, example="20260301-0042")


class ExitBody(Body):
    """The last local days on which a merchant gives points, and takes points and coupons."""

    last_award_on = Day(required=True, example="2026-06-30")
    last_accept_on = Day(required=True, example="2026-07-31")


DEPOSITS = page_query("dep")

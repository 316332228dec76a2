"""`/v1/coupons/validate`: it stands here, for a bill names its buyer as a sale does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from limits import RateLimitItemPerHour

from app.coupons.bill.errors import CodeMistyped
from app.foundation.database.once import do_once
from app.foundation.http.answers import Answer
from app.foundation.http.limits.rate_limit import one_try
from app.foundation.http.limits.windows import Window
from app.foundation.http.routing import Call, Routes, needs_shift, once_of
from app.foundation.i18n import language_headers
from app.foundation.problems import NotFound, RateLimited
from app.members import naming
from app.members.errors import MemberCodeExpired, MemberCodeUsed
from app.transactions import answers, schemas
from app.transactions.bills import validating
from app.transactions.reports import BillQuestion
from app.transactions.sales.sale import Sale
from app.transactions.sales.watching import watched

UNKNOWN_CODES = RateLimitItemPerHour(60, namespace="coupon-codes")
"""Codes of no coupon that a key may name: typing errors are caught by a check character, and aren't counted."""
bills = Routes("bills", __name__, url_prefix="/v1/coupons")


@bills.serve(
    "POST",
    "/validate",
    scope="coupons:redeem",
    body=schemas.ValidateBody(),
    answers={200: answers.VALIDATED},
    problems=(CodeMistyped, NotFound, MemberCodeExpired, MemberCodeUsed, RateLimited),
    own_transaction=True,
    till=needs_shift,
)
def validate_coupons(call: Call) -> Answer:
    """Say what coupons would take off a bill, and why one isn't applicable; nothing is recorded, held or used up.

    The coupons that are applicable together are those that a sale would take. With `best` it says which of the member's
    coupons take most: a merchant's key needs the member's live code or token for that, and is shown the codes then.
    """
    question: BillQuestion = call.body
    sale = Sale(call.principal, question.report, origin=call.origin)
    limits = naming.count_question(call.principal) if question.report.phone else {}
    once = once_of(call, validating.to_store, validating.again)
    with _counted(call, question), watched([sale]):
        validated = do_once(call.principal, lambda uow: validating.validate(uow, sale, question), once, pipelined=True)
    replayed = {"Idempotent-Replayed": "true"} if validated.is_replay else {}
    headers = {"Cache-Control": "no-store", **limits, **language_headers(), **replayed}
    return Answer(validating.show(validated, question), headers=headers)


@contextmanager
def _counted(call: Call, question: BillQuestion) -> Iterator[None]:
    """Takes one of the tries at codes, and gives it back unless one leads nowhere."""
    if question.best:
        yield
        return
    with one_try(Window(UNKNOWN_CODES, (call.principal.id,))):
        yield

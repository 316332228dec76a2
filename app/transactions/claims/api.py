"""Claims: `/v1/claims`, where shoppers claim the sale of a receipt by the secret in its link, and tills for them.

`/v1/receipts` tells a shop which of its sales a receipt is of.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.routing import SHOPPER, Call, Routes, needs_shift
from app.foundation.problems import NotFound, RateLimited
from app.members.codes.guessing import Guesses
from app.members.codes.rules import parse_code
from app.members.errors import MemberCodeExpired, MemberIsFrozen
from app.transactions import answers, schemas
from app.transactions.claims import services
from app.transactions.claims.guessing import one_secret
from app.transactions.errors import AlreadyClaimed, ClaimExpired
from app.transactions.sales.present import show_sale_rows, show_transaction

claims = Routes("claims", __name__, url_prefix="/v1/claims")
claims_at_tills = Routes("claims_at_tills", __name__, url_prefix="/v1/transactions")
receipts = Routes("receipts", __name__, url_prefix="/v1/receipts")
ROOMS = (claims, claims_at_tills, receipts)


def _again(uow: UnitOfWork, stored: dict[str, Any]) -> dict[str, Any]:
    return show_transaction(uow, stored["transaction_id"])


@claims.serve(
    "POST",
    "",
    scope=SHOPPER,
    body=schemas.SecretBody(),
    answers={200: answers.TRANSACTION},
    problems=(ClaimExpired, MemberIsFrozen, NotFound, RateLimited),
    replay=_again,
    beside=lambda call: one_secret(call.principal.id),
)
def claim_receipt(uow: UnitOfWork, call: Call) -> Answer:
    """Claim the sale of a receipt: its points are the shopper's, who becomes a member of that merchant, too."""
    record = services.claim_by_secret(uow, call.body["secret"], call.principal.id)
    return Answer(show_transaction(uow, record.id), stored={"transaction_id": record.id})


@contextmanager
def _watched(call: Call) -> Iterator[Guesses]:
    """The tries of a claim, where it names its member by code."""
    code = parse_code(call.body["member_code"]) if call.body["member_code"] else None
    guesses = Guesses(call.principal, None, [] if code is None else [(code.number, (code.digits, None))])
    try:
        yield guesses
    finally:
        guesses.count_wrong()


@claims_at_tills.serve(
    "POST",
    "/<txn:transaction_id>/claim",
    scope="transactions:write",
    body=schemas.ClaimBody(),
    answers={200: answers.TRANSACTION},
    problems=(AlreadyClaimed, ClaimExpired, MemberCodeExpired, MemberIsFrozen),
    replay=_again,
    beside=_watched,
    audit="transaction.claimed",
    till=needs_shift,
)
def claim(uow: UnitOfWork, call: Call, transaction_id: str) -> Answer:
    """Give an unclaimed sale to the member who comes back with the receipt."""
    if call.body["member_code"]:
        record = services.claim_by_code(uow, transaction_id, call.body["member_code"], call.beside)
    else:
        record = services.claim_sale(uow, transaction_id, call.body["member_id"])
    audited = {"member_id": record.member_id} if record.claimed_at == uow.now else None
    return Answer(show_sale_rows(uow, [record])[0], stored={"transaction_id": record.id}, audited=audited)


@receipts.serve(
    "POST",
    "/resolve",
    scope="transactions:read",
    body=schemas.SecretBody(),
    answers={200: answers.TRANSACTION},
    problems=(NotFound, RateLimited),
    replay=_again,
    beside=lambda call: one_secret(call.principal.id),
    till=needs_shift,
)
def resolve_receipt(uow: UnitOfWork, call: Call) -> Answer:
    """Say which sale a receipt is of, as by its reference: to give back on it, or to give its points to who is there.

    The secret stays with whoever holds the receipt: nothing is claimed or used up. Another shop's receipt is like none.
    """
    record = services.sale_of_receipt(uow, call.body["secret"])
    return Answer(show_sale_rows(uow, [record])[0], stored={"transaction_id": record.id})

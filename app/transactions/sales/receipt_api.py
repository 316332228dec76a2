"""`/v1/claims`: shoppers claim the sale of a receipt by the secret in its link."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from limits import RateLimitItemPerHour

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.limits.rate_limit import one_try
from app.foundation.http.limits.windows import Window
from app.foundation.http.routing import SHOPPER, Call, Routes
from app.foundation.problems import NotFound, RateLimited
from app.points.errors import MemberIsFrozen
from app.transactions import answers, schemas
from app.transactions.errors import ClaimExpired
from app.transactions.sales import claims as services
from app.transactions.sales.present import show_transaction

claims = Routes("claims", __name__, url_prefix="/v1/claims")
ROOMS = (claims,)
WRONG_SECRETS = RateLimitItemPerHour(20, namespace="claim-secrets")
"""Secrets have 128 bits and aren't guessed; who tries all the same is told to stop."""


def _one_try(call: Call) -> AbstractContextManager[None]:
    return one_try(Window(WRONG_SECRETS, (call.principal.id,)))


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
    beside=_one_try,
)
def claim_receipt(uow: UnitOfWork, call: Call) -> Answer:
    """Claim the sale of a receipt: its points are the shopper's, who becomes a member of that merchant, too."""
    record = services.claim_by_secret(uow, call.body["secret"], call.principal.id)
    return Answer(show_transaction(uow, record.id), stored={"transaction_id": record.id})

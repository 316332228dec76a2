"""`/v1/coupons/{code}/redeem`."""

from __future__ import annotations

from typing import Any

from app.coupons.bill.errors import CodeMistyped
from app.coupons.errors import PaymentEvidenceMissing
from app.coupons.redeeming.answers import REDEMPTION
from app.coupons.redeeming.present import show_redemption, show_redemption_again, to_store
from app.coupons.redeeming.queries import find_redemption
from app.coupons.redeeming.refusals import ALL_REFUSALS
from app.foundation.database.idempotency import StoredAnswer
from app.foundation.database.once import ToStore, do_once
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.routing import Call, Routes, once_of
from app.foundation.problems import NotFound
from app.transactions import schemas
from app.transactions.bills import apart
from app.transactions.errors import ReferenceConflict, SaleAlreadyRecorded

apart_redemptions = Routes("apart_redemptions", __name__, url_prefix="/v1/coupons/<code:code>/redeem")
ROOMS = (apart_redemptions,)


def _stored(answer: Answer) -> ToStore:
    return answer.status, to_store(answer.body)


def _again(uow: UnitOfWork, stored: StoredAnswer) -> Answer:
    kept: dict[str, Any] = stored.answer
    return Answer(show_redemption_again(uow, kept), stored.status, headers={"Idempotent-Replayed": "true"})


@apart_redemptions.serve(
    "POST",
    "",
    scope="coupons:redeem",
    body=schemas.RedeemBody(),
    answers={201: REDEMPTION, 200: REDEMPTION},
    problems=(CodeMistyped, NotFound, PaymentEvidenceMissing, ReferenceConflict, SaleAlreadyRecorded, *ALL_REFUSALS),
    own_transaction=True,
)
def redeem(call: Call, code: str) -> Answer:
    """Redeem a coupon for a bill whose sale is reported later or from elsewhere.

    The sale of this merchant and `reference` is linked to it and gets its discount, whether or not it repeats the code.
    Several under one reference are judged together. Again for the same bill: 200 with the redemption as it stands. What
    stands against the coupon is told by its code. Where the till reports the sale itself, name the coupons there.
    """
    apart.announce(call.principal, call.body.store_id)
    return do_once(
        call.principal, lambda uow: _redeemed(uow, call, code), once_of(call, _stored, _again), origin=call.origin
    )


def _redeemed(uow: UnitOfWork, call: Call, code: str) -> Answer:
    redeemed = apart.redeem(uow, code, call.body)
    return Answer(show_redemption(find_redemption(uow, redeemed.redemption_id)), 201 if redeemed.is_new else 200)

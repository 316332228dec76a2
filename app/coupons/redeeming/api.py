"""`/v1/redemptions`, and coupons that are held for bills: `/v1/coupons/{code}/reserve`, `…/release`."""

from __future__ import annotations

from typing import Any

from app.coupons.bill.errors import CodeMistyped
from app.coupons.errors import RedemptionOfSale, RolledBackAlready
from app.coupons.issuing.answers import COUPON
from app.coupons.issuing.present import show_coupon_of_code
from app.coupons.issuing.queries import find_coupon
from app.coupons.redeeming import answers, holding, queries, rolling_back, schemas
from app.coupons.redeeming.present import page_of_redemptions, show_redemption, show_redemption_again, to_store
from app.coupons.redeeming.refusals import HINDRANCES, REFUSALS
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.routing import Call, Routes
from app.foundation.problems import NotFound

holds = Routes("coupon_holds", __name__, url_prefix="/v1/coupons/<code:code>")
redemptions = Routes("redemptions", __name__, url_prefix="/v1/redemptions")


def _held(uow: UnitOfWork, held: holding.Held) -> Answer:
    """The coupon, with what is kept of the answer: its code isn't."""
    shown = show_coupon_of_code(uow, find_coupon(uow, held.coupon_id))
    kept = {"coupon_id": held.coupon_id, "status": shown["status"], "reserved_until": shown["reserved_until"]}
    return Answer(shown, stored=kept)


def _held_again(uow: UnitOfWork, stored: dict[str, Any]) -> dict[str, Any]:
    then = {name: stored[name] for name in ("status", "reserved_until")}
    return {**show_coupon_of_code(uow, find_coupon(uow, stored["coupon_id"])), **then}


@holds.serve(
    "POST",
    "/reserve",
    scope="coupons:redeem",
    body=schemas.ReserveBody(),
    answers={200: COUPON},
    problems=(CodeMistyped, NotFound, *HINDRANCES),
    replay=_held_again,
)
def reserve(uow: UnitOfWork, call: Call, code: str) -> Answer:
    """Hold a coupon for a bill of the store's merchant, known by its `reference`: others hear `reserved` until it is over.

    Again with the same reference it answers alike, and holds it no longer. A sale with that reference redeems it. What
    stands against the coupon is told by its code, as on a bill; what is bought isn't looked at.
    """
    wanted = {name: call.body[name] for name in ("reference", "store_id", "ttl_seconds", "channel")}
    return _held(uow, holding.reserve(uow, code, **wanted))


@holds.serve(
    "POST",
    "/release",
    scope="coupons:redeem",
    body=schemas.ReleaseBody(),
    answers={200: COUPON},
    problems=(CodeMistyped, NotFound, REFUSALS["reserved"]),
    replay=_held_again,
)
def release(uow: UnitOfWork, call: Call, code: str) -> Answer:
    """Let a coupon go that is held for a bill. One that isn't held is answered as it is, so it may be said again."""
    return _held(uow, holding.release(uow, code, call.body["reference"], call.body["store_id"]))


@redemptions.serve("GET", "", scope="coupons:read", query=schemas.REDEMPTIONS, answers={200: answers.REDEMPTIONS})
def list_redemptions(uow: UnitOfWork, call: Call) -> Answer:
    """List redemptions, newest first; a merchant's key sees its own, a store's its store's.

    `from` and `to` say when they were redeemed: from an instant, until before another.
    """
    return Answer(page_of_redemptions(uow, call.query))


@redemptions.serve(
    "GET", "/<red:redemption_id>", scope="coupons:read", answers={200: answers.REDEMPTION}, problems=(NotFound,)
)
def get_redemption(uow: UnitOfWork, call: Call, redemption_id: str) -> Answer:
    """Read a redemption."""
    return Answer(show_redemption(queries.find_redemption(uow, redemption_id)))


@redemptions.serve(
    "POST",
    "/<red:redemption_id>/rollback",
    scope="coupons:redeem",
    body=schemas.RollbackBody(),
    answers={200: answers.REDEMPTION},
    problems=(NotFound, RedemptionOfSale, RolledBackAlready),
    replay=show_redemption_again,
    audit="redemption.rolled_back",
)
def roll_back(uow: UnitOfWork, call: Call, redemption_id: str) -> Answer:
    """Undo a redemption whose sale hasn't been reported, and give its coupon back; a sale is refunded instead.

    Again with the same `reference` it answers alike; its own `redeem` answers what was rolled back from then on.
    """
    undone = rolling_back.roll_back(uow, redemption_id, call.body["reference"], call.body["reason"])
    shown = show_redemption(undone.redemption)
    return Answer(shown, stored=to_store(shown), audited={} if undone.is_new else None)

"""What came of a call, from what Stripe said of it. Pure.

What may have been done without our hearing of it is `unknown`: a lost answer, a broken body, 5xx, 429, a key that is in use or
was used for something else.
"""

from __future__ import annotations

from stripe import (
    AuthenticationError,
    CardError,
    IdempotencyError,
    InvalidRequestError,
    PaymentIntent,
    PermissionError,
    StripeError,
    Transfer,
)

from app.payments.port import PaymentOutcome

HARD = frozenset(
    {
        "authentication_required",
        "expired_card",
        "fraudulent",
        "incorrect_number",
        "invalid_account",
        "lost_card",
        "pickup_card",
        "restricted_card",
        "revocation_of_all_authorizations",
        "revocation_of_authorization",
        "security_violation",
        "stolen_card",
        "stop_payment_order",
        "transaction_not_allowed",
    }
)
"""Declines that no retry mends (docs.stripe.com/declines/codes): the customer has to give something else."""
IN_USE = 409


def of_error(error: StripeError) -> PaymentOutcome:
    """What an order has come to whose call was answered by an error."""
    match error:
        case CardError():
            return _declined(error.error, error.code)
        case AuthenticationError() | PermissionError():
            return PaymentOutcome("failed", code="credentials-refused")
        case IdempotencyError():
            return PaymentOutcome("unknown", code="key-in-use")
        case InvalidRequestError() if error.http_status != IN_USE and error.code != "rate_limit":
            return PaymentOutcome("failed", code=error.code, final=error.code != "balance_insufficient")
        case _:
            return PaymentOutcome("unknown", code=type(error).__name__)


def of_intent(intent: PaymentIntent) -> PaymentOutcome:
    """What a collection has come to."""
    match intent.status:
        case "succeeded":
            return PaymentOutcome("succeeded", intent.id)
        case "processing":
            return PaymentOutcome("accepted", intent.id)
        case "requires_payment_method":
            return _declined(intent.last_payment_error, None, intent.id)
        case "requires_action":
            return PaymentOutcome("failed", intent.id, "authentication_required", final=True)
        case "canceled":
            return PaymentOutcome("failed", intent.id, "canceled", final=True)
        case _:
            return PaymentOutcome("unknown", intent.id, intent.status)


def of_transfer(transfer: Transfer) -> PaymentOutcome:
    """What a payout has come to: money that was taken back has not been paid."""
    if transfer.reversed:
        return PaymentOutcome("failed", transfer.id, "reversed", final=True)
    return PaymentOutcome("succeeded", transfer.id)


def _declined(error: object, code: str | None, reference: str | None = None) -> PaymentOutcome:
    why = getattr(error, "decline_code", None) or getattr(error, "code", None) or code
    intent = getattr(error, "payment_intent", None)
    return PaymentOutcome("failed", reference or getattr(intent, "id", None), why, final=why in HARD)

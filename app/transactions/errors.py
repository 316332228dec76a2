"""Refusals of this room."""

from __future__ import annotations

from app.foundation.http.contract.shapes import public_id
from app.foundation.i18n import words as _l
from app.foundation.problems import DomainError, Flaw, NotFound

NOT_ACCEPTED = _l("This shop takes no points and coupons any more.")


class ReferenceConflict(DomainError):
    code, status, title = "reference-conflict", 409, _l("This reference stands for another sale")


class PaymentReferenceConflict(DomainError):
    code, status, title = "payment-reference-conflict", 409, _l("This payment was reported otherwise before")
    more = {"transaction_id": {**public_id("txn"), "description": "The sale that was recorded with this payment."}}


class AlreadyClaimed(DomainError):
    code, status, title = "already-claimed", 409, _l("This sale belongs to another member")


class ClaimExpired(DomainError):
    code, status, title = "claim-expired", 410, _l("The time to claim this sale is over")


class PresenceNeeded(DomainError):
    code, status, title = "presence-needed", 422, _l("The member has to show that it is there")

    @classmethod
    def at(cls, pointer: str) -> PresenceNeeded:
        """Where a code or a token is missing."""
        return cls(flaws=[Flaw(pointer, cls.code, _l("To spend, the member's live code is needed."))])


class RefundReferenceConflict(DomainError):
    code, status, title = "refund-reference-conflict", 409, _l("This reference stands for another refund")


class RefundWay(DomainError):
    code, status, title = "refund-way", 409, _l("This sale is refunded in another way")


class SaleNotRecordedYet(NotFound):
    code, status, title = "sale-not-recorded-yet", 404, _l("This sale is not recorded here, or not yet")


class SaleAlreadyRecorded(DomainError):
    code, status, title = "sale-already-recorded", 409, _l("The sale of this reference is recorded already")
    more = {"transaction_id": {**public_id("txn"), "description": "The sale."}}

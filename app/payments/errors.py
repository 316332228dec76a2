"""Refusals of this room."""

from app.foundation.http.contract.shapes import integer
from app.foundation.i18n import words as _l
from app.foundation.problems import DomainError


class PaymentOver(DomainError):
    code, status, title = "payment-over", 409, _l("This payment is past that")


class BankReferenceUsed(DomainError):
    code, status, title = "bank-reference-used", 409, _l("Another payment was booked under this bank reference")


class CashShort(DomainError):
    """Raised for payouts."""

    code, status, title = "cash-short", 409, _l("More would be paid out than has come in")
    more = {"cash": integer(1106, description="What may be paid out, in minor units.")}

"""Refusals of this room."""

from app.foundation.i18n import words as _l
from app.foundation.problems import DomainError, Unauthorized


class InvalidCode(DomainError):
    code, status, title = "invalid-code", 422, _l("The code is wrong, used or over")


class ConsentRequired(DomainError):
    code, status, title = "consent-required", 422, _l("Joining needs consent to the membership")


class FreshProofRequired(DomainError):
    code, status, title = "fresh-proof-required", 403, _l("A new code to the member's number is needed")


class PhoneNotServed(DomainError):
    code, status, title = "phone-not-served", 422, _l("No codes are sent to this phone")


class SessionOver(Unauthorized):
    code, status, title = "session-over", 401, _l("This session is over: sign in again")


class SmsUnavailable(DomainError):
    code, status, title = "sms-unavailable", 503, _l("No codes are sent here")

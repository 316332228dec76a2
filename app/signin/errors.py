"""Refusals of this room."""

from app.foundation.problems import DomainError, Unauthorized


class InvalidCode(DomainError):
    code, status, title = "invalid-code", 422, "The code is wrong, used or over"


class ConsentRequired(DomainError):
    code, status, title = "consent-required", 422, "Joining needs consent to the membership"


class PhoneNotServed(DomainError):
    code, status, title = "phone-not-served", 422, "No codes are sent to this phone"


class SessionOver(Unauthorized):
    code, status, title = "session-over", 401, "This session is over: sign in again"


class SmsUnavailable(DomainError):
    code, status, title = "sms-unavailable", 503, "No codes are sent here"

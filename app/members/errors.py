"""Refusals of this room."""

from app.foundation.problems import DomainError


class IdentityTaken(DomainError):
    code, status, title = "identity-taken", 409, "This identity belongs to another member"


class PhoneTaken(DomainError):
    code, status, title = "phone-taken", 409, "This phone belongs to another member"

"""Refusals of this room."""

from app.foundation.i18n import words as _l
from app.foundation.problems import DomainError


class SignInRefused(DomainError):
    code, status, title = "sign-in-refused", 422, _l("Login, password or code are wrong")


class InvitationOver(DomainError):
    code, status, title = "invitation-over", 422, _l("This invitation is used, withdrawn, over or none")


class LoginKnown(DomainError):
    code, status, title = "login-known", 409, _l("There is an account with this login: sign in with it")


class AlreadyStaff(DomainError):
    code, status, title = "already-staff", 409, _l("This person has a role here")


class LastAdmin(DomainError):
    code, status, title = "last-admin", 409, _l("Somebody must stay who may do everything here")


class LastFactor(DomainError):
    code, status, title = "last-factor", 409, _l("A role of this account needs a second factor")


class PasskeysUnavailable(DomainError):
    code, status, title = (
        "passkeys-unavailable",
        409,
        _l("Passkeys need an address with a name, and this one is of figures"),
    )


class AccountElsewhere(DomainError):
    code, status, title = "account-elsewhere", 409, _l("This account works for others, too")

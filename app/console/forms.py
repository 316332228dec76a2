"""Forms that the API has no body for."""

from __future__ import annotations

from app.foundation.http.fields import Body, Text
from app.staff.schemas import LoginText, Otp, Password


class SignInForm(Body):
    login = LoginText(required=True)
    password = Password(required=True)
    otp = Otp(load_default=None, allow_none=True)


class SecondFactorForm(Body):
    """A code of an authenticator or one on paper, or what a passkey answers."""

    otp = Text(60, load_default=None, allow_none=True)
    passkey = Text(20_000, load_default=None, allow_none=True)


class PasswordForm(Body):
    password = Password(required=True)


class NewPasswordForm(Body):
    challenge = Text(100, load_default=None, allow_none=True)
    login = LoginText(load_default=None, allow_none=True)
    code = Text(20, load_default=None, allow_none=True)
    password = Password(load_default=None, allow_none=True)


class SignInCodeForm(Body):
    challenge = Text(100, load_default=None, allow_none=True)
    login = LoginText(load_default=None, allow_none=True)
    code = Text(20, load_default=None, allow_none=True)


class PasskeyForm(Body):
    name = Text(60, required=True)
    passkey = Text(40_000, required=True)


class RemoveForm(Body):
    passkey_id = Text(40, load_default=None, allow_none=True)


class EndSessionForm(Body):
    session_id = Text(40, load_default=None, allow_none=True)


class DistrictForm(Body):
    district = Text(40, required=True)

"""Bodies and queries of this room."""

from __future__ import annotations

from typing import Any

from app.foundation.http.contract.shapes import Shape, some_id
from app.foundation.http.fields import Body, CodeText, Id, NameText, Object, OneOf, StrictField, Text, page_query
from app.foundation.http.validation import Wrong
from app.foundation.i18n import words as _l
from app.signin.schemas import CHALLENGE
from app.staff.accounts.logins import MOST, KnownAs, NotALogin, parse_login
from app.staff.accounts.passwords import MOST as MOST_OF_PASSWORD
from app.staff.roles import ROLES

INVITATION = "in_" + "a" * 58
WAITING = "sp_" + "a" * 52
SESSION = "ss_" + "a" * 52
ROLE_NAMES = tuple(ROLES)


class LoginText(StrictField):
    """A phone or an e-mail address, written in any usual way."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"example": "13800000000", **options})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> KnownAs:
        if not isinstance(value, str):
            raise Wrong("invalid-type", _l("A text is needed."))
        try:
            return parse_login(value if len(value) <= MOST else "")
        except NotALogin:
            raise Wrong("invalid-login", _l("A phone number or an e-mail address is needed.")) from None

    def accepts(self) -> Shape:
        return {"type": "string", "minLength": 3, "maxLength": MOST}


class Password(Text):
    """A password as it is typed."""

    def __init__(self, **options: Any) -> None:
        super().__init__(MOST_OF_PASSWORD, **{"example": "correct horse battery staple", **options})


class Otp(CodeText):
    """A code of an authenticator."""

    def __init__(self, **options: Any) -> None:
        super().__init__(20, **{"example": "123456", **options})


_DISTRICT = {"description": "Id or slug of the district to work in; the only one where none is named."}


class SignInBody(Body):
    login = LoginText(required=True)
    password = Password(required=True)
    otp = Otp(load_default=None, allow_none=True)
    district = Text(100, load_default=None, allow_none=True, example="hubin", metadata=_DISTRICT)


class StaffCodeBody(Body):
    login = LoginText(required=True)


class SignInByCodeBody(Body):
    challenge = Text(100, required=True, example=CHALLENGE)
    code = CodeText(20, required=True, example="123456")
    otp = Otp(load_default=None, allow_none=True)
    district = Text(100, load_default=None, allow_none=True, example="hubin", metadata=_DISTRICT)


class PasskeyProof(Body):
    """What `navigator.credentials.get` answers, in base64url."""

    id = Text(1400, required=True, example="AQIDBA")
    client_data = Text(4000, required=True, example="e30")
    authenticator_data = Text(4000, required=True, example="AQIDBA")
    signature = Text(4000, required=True, example="AQIDBA")


class SecondFactorBody(Body):
    """One of `otp`, `recovery_code` and `passkey`."""

    token = Text(100, required=True, example=WAITING)
    otp = Otp(load_default=None, allow_none=True)
    recovery_code = Text(60, load_default=None, allow_none=True, example="abcd-efgh-ijkl-mnop")
    passkey = Object(PasskeyProof, load_default=None, allow_none=True)


class PasswordResetBody(Body):
    challenge = Text(100, required=True, example=CHALLENGE)
    code = CodeText(20, required=True, example="123456")
    password = Password(required=True)


class PasswordChangeBody(Body):
    old_password = Password(required=True)
    password = Password(required=True, example="another horse battery staple")


class StepUpBody(Body):
    password = Password(required=True)


class PlaceBody(Body):
    district = Text(100, required=True, example="hubin", metadata={"description": "Its id or slug."})


class OtpBody(Body):
    otp = Otp(required=True)


class PasskeyBody(Body):
    """What `navigator.credentials.create` answers, in base64url, and a name to know it by."""

    name = NameText(60, required=True, example="laptop")
    id = Text(1400, required=True, example="AQIDBA")
    client_data = Text(4000, required=True, example="e30")
    attestation = Text(20_000, required=True, example="AQIDBA")


class AcceptBody(Body):
    invitation = Text(100, required=True, example=INVITATION)
    password = Password(required=True)


class TakeUpBody(Body):
    invitation = Text(100, required=True, example=INVITATION)


_PLACES: dict[str, Any] = {"load_default": None, "allow_none": True}


class InvitationBody(Body):
    name = NameText(60, required=True, example="王芳")
    login = LoginText(required=True)
    role = OneOf(ROLE_NAMES, required=True, example="merchant_manager")
    merchant_id = Id("mer", example=some_id("mer"), **_PLACES)
    store_id = Id("str", **_PLACES)


class RoleBody(Body):
    role = OneOf(ROLE_NAMES, required=True, example="merchant_manager")
    merchant_id = Id("mer", example=some_id("mer"), **_PLACES)
    store_id = Id("str", **_PLACES)


STAFF = page_query("acc", role=OneOf(ROLE_NAMES))
INVITATIONS = page_query("inv")
SESSIONS = page_query("sts")

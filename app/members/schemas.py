"""Bodies and queries of this room."""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import validates

from app.foundation import ids
from app.foundation.characters import without_marks
from app.foundation.http.contract.shapes import Shape, some_id
from app.foundation.http.fields import (
    Body,
    CodeText,
    Day,
    Flag,
    Id,
    ListOf,
    NameText,
    Object,
    OneOf,
    PictureQuery,
    Text,
    page_query,
)
from app.foundation.http.validation import Wrong
from app.foundation.i18n import words as _l
from app.members import rules
from app.members.rules import NotAPhone, parse_phone

TAGS = "Words of the alliance for groups of members, which rules may look at; a key of the whole district sets them."
FORGOTTEN = {"description": "Goes when the member is erased."}
"""What is said of texts that callers write of a member."""
CONTROLLER = "^(district|mer_[0-9a-f]{32})$"


class Phone(Text):
    """A phone written in any usual way; E.164 afterwards. Numbers without a country code are mainland China's."""

    def __init__(self, **options: Any) -> None:
        super().__init__(40, least=3, **{"example": "13800000000", **options})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        given = without_marks(value) if isinstance(value, str) else value
        try:
            return parse_phone(super()._deserialize(given, attr, data, **options))
        except NotAPhone:
            raise Wrong("invalid-phone", _l("This is no phone number.")) from None

    def accepts(self) -> Shape:
        return {"type": "string", "minLength": 3, "maxLength": 40}


class MemberCodeText(CodeText):
    """A member code. One of the wrong form names nobody, and is answered as a wrong one is."""

    def __init__(self, **options: Any) -> None:
        super().__init__(60, **{"example": "880000012345492039", **options})


class Controller(Text):
    """`district`, or the id of a merchant."""

    is_plain = True

    def __init__(self, **options: Any) -> None:
        super().__init__(40, **{"example": "district", **options})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        text = super()._deserialize(value, attr, data, **options)
        if text != "district" and not ids.is_id("mer", text):
            raise Wrong("invalid-controller", _l("`district` or the id of a merchant is needed."))
        return text

    def accepts(self) -> Shape:
        return {"type": "string", "pattern": CONTROLLER}


class ConsentGiven(Body):
    controller = Controller(required=True)
    purpose = Text(60, required=True, example="membership")
    version = Text(40, required=True, example="2026-01")


class ConsentBody(ConsentGiven):
    granted = Flag(load_default=True)


class IdentityBody(Body):
    kind = Text(40, required=True, visible=True, example="wechat_openid")
    value = Text(200, required=True, visible=True, example="oUpF8uMuAJO")

    @validates("kind")
    def _kind(self, value: str, **_: object) -> None:
        if value == "phone":
            raise Wrong("invalid-kind", _l("A phone is given as `phone`."))


class _Person(Body):
    @validates("birthday")
    def _birthday(self, value: date | None, **_: object) -> None:
        if value is not None and value < rules.FIRST_BIRTHDAY:
            raise Wrong("out-of-range", rules.BIRTHDAY_NEEDED)


class MemberBody(_Person):
    phone = Phone(required=True)
    name = NameText(100, load_default=None, allow_none=True, example="王芳")
    birthday = Day(load_default=None, allow_none=True, example="1990-05-01")
    store_id = Id("str", load_default=None, allow_none=True, example=some_id("str"))
    consents = ListOf(Object(ConsentGiven), most=20, load_default=list)
    identities = ListOf(Object(IdentityBody), most=10, load_default=list)
    tags = ListOf(Text(40), most=50, load_default=list, metadata={"description": TAGS})


class MemberChange(_Person):
    phone = Phone()
    reason = Text(
        200,
        example="SIM lost, passport seen",
        metadata={"description": "Why a phone is changed; not kept: the audit log says that there was one."},
    )
    name = NameText(100, allow_none=True, example="王芳")
    birthday = Day(allow_none=True)
    identities = ListOf(Object(IdentityBody), most=10)
    tags = ListOf(Text(40), most=50, metadata={"description": TAGS})


class CodePictureQuery(PictureQuery):
    symbol = OneOf(("qr", "code128"), load_default="qr")


MEMBERS = page_query("mem", phone=Phone(), number=Text(10, visible=True), tag=Text(40))

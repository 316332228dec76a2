"""Forms that the API has no body for."""

from __future__ import annotations

from app.foundation.http.fields import Body, Text
from app.members.schemas import Phone


class OwnerForm(Body):
    """Who a member is, by phone or by number."""

    owner = Text(40, required=True)


class NewPhoneForm(Body):
    """A phone is changed with a reason."""

    phone = Phone(required=True)
    reason = Text(200, required=True)


class ErasureForm(Body):
    """The member's number, typed once more."""

    number = Text(20, required=True)

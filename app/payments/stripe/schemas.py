"""Bodies of this wing."""

from __future__ import annotations

import re
from typing import Any

from app.foundation.http.contract.shapes import Shape
from app.foundation.http.fields import Body, TokenText
from app.foundation.http.validation import Wrong
from app.foundation.i18n import words as _l

MOST = 255


class NameAtStripe(TokenText):
    """A name or secret of Stripe's making: its head says what it is."""

    def __init__(self, head: str, example: str, **options: Any) -> None:
        super().__init__(MOST, visible=True, **options)
        self.pattern, self.example = f"^{head}[A-Za-z0-9_]+$", example

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        text = super()._deserialize(value, attr, data, **options)
        if not re.fullmatch(self.pattern[1:-1], text):
            raise Wrong("invalid-characters", _l("Copy it from Stripe as it stands there: %(like)s", like=self.example))
        return text

    def accepts(self) -> Shape:
        return {**super().accepts(), "pattern": self.pattern, "examples": [self.example]}


class ProviderBody(Body):
    """The district's account at Stripe: its name, a secret or restricted key, and what signs the events of its endpoint."""

    account = NameAtStripe("acct_", "acct_1NvX2sTlR8", required=True)
    secret_key = NameAtStripe("(sk|rk)_(live|test)_", "rk_live_51NvX2sTlR8", required=True)
    webhook_secret = NameAtStripe("whsec_", "whsec_9f2c41d7", required=True)

"""What the provider refuses, as Stripe's API words it."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """A status and what its body says."""

    def __init__(self, status: int, kind: str, code: str, **more: Any) -> None:
        super().__init__(code)
        self.status = status
        self.error = {"type": kind, "code": code, "message": code, **more}


def invalid(code: str, parameter: str) -> Refused:
    """A request that can't be understood."""
    return Refused(400, "invalid_request_error", code, param=parameter)


def missing(what: str) -> Refused:
    """There is no such thing."""
    return Refused(404, "invalid_request_error", "resource_missing", param=what)


def declined(code: str, decline_code: str | None, **more: Any) -> Refused:
    """A card that isn't charged."""
    return Refused(402, "card_error", code, **({"decline_code": decline_code} if decline_code else {}), **more)

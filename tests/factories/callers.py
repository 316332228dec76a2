"""Callers from many networks, who ask for codes and guess them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

from app.config import Settings
from app.factory import create_app
from tests.factories.api import Api, Reply
from tests.factories.districts import District, new_district
from tests.factories.problems import check_problem
from tests.factories.shoppers import MEMBERSHIP

Making = Callable[..., District]
_addresses = itertools.count(1)


def new_address() -> str:
    """A client's address that no other call here has."""
    number = next(_addresses)
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def making(settings: Settings) -> Making:
    """Makes a district of a product with some limits, behind a proxy that tells addresses."""

    def make(**limits: str) -> District:
        app = create_app(replace(settings, trusted_proxies=1, **limits))
        return new_district(Api.inside(app, settings.operator_key))

    return make


def ask_from(district: District, phone: str, address: str | None = None) -> Reply:
    """Asks for a code; from an address of its own, unless one is named."""
    headers = {"X-Forwarded-For": address or new_address()}
    body = {"district": district.id, "phone": phone}
    return district.api.call("POST", "/v1/auth/codes", body, key=None, headers=headers)


def guess_from(district: District, challenge: str, code: str, address: str | None = None) -> Reply:
    """Tries a code, joining if it is right."""
    headers = {"X-Forwarded-For": address or new_address()}
    body = {"challenge": challenge, "code": code, "consents": [MEMBERSHIP]}
    return district.api.call("POST", "/v1/auth/tokens", body, key=None, headers=headers)


def check_limited(reply: Reply) -> None:
    """A refusal that says when to come again."""
    refused = check_problem(reply, 429, "rate-limited")
    assert int(refused.headers["Retry-After"]) >= 1
    assert refused.headers["RateLimit-Remaining"] == "0"

"""People who work in the demo's district, and who runs the installation: one in each role, with an authenticator where the
role needs one.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha1
from typing import Any

from demo import street
from demo.state import State
from merchant_sdk import Client, ValidationError

PEOPLE = (
    ("alliance_admin", "沈岚", True),
    ("alliance_operator", "顾明", True),
    ("alliance_viewer", "陆晴", False),
    ("merchant_manager", "王芳", True),
    ("cashier", "小陈", False),
)
"""Roles, names, and who needs a second factor."""
OPERATOR = "operator"
_STEP_SECONDS = 30


def hire(connect: Callable[[str], Client], state: State, save: Callable[[], None]) -> None:
    """Hires who isn't there yet, one after another; each is remembered once it can sign in."""
    for role, name, needs_code in PEOPLE:
        if not any(one["role"] == role for one in state.staff):
            state.staff.append(_hired(connect, state, role, name, needs_code=needs_code))
            save()


def let_in_operator(
    connect: Callable[[str], Client], state: State, login: str, link: str, save: Callable[[], None]
) -> None:
    """Takes up an invitation to run the installation, if nobody of the demo does so yet."""
    if not state.operators:
        state.operators.append(_accepted(connect, state, OPERATOR, login, link, needs_code=True))
        save()


def _hired(connect: Callable[[str], Client], state: State, role: str, name: str, *, needs_code: bool) -> dict[str, Any]:
    client = connect(state.alliance_key)
    login = f"{role.replace('_', '-')}-{secrets.token_hex(2)}@{state.slug}.example"
    shop = street.MERCHANTS[0]
    place = {"merchant_manager": {"merchant_id": state.merchants[shop.code]}}
    place["cashier"] = {"store_id": state.stores[shop.stores[0].code]}
    invitation = client.staff.invite(name=name, login=login, role=role, **place.get(role, {}))
    return _accepted(connect, state, role, login, str(invitation.url), needs_code=needs_code)


def _accepted(
    connect: Callable[[str], Client], state: State, role: str, login: str, link: str, *, needs_code: bool
) -> dict[str, Any]:
    """Who has taken up an invitation, and how it signs in."""
    password = secrets.token_urlsafe(12)
    body = {"invitation": link.rsplit("/", 1)[1], "password": password}
    opened = connect(state.alliance_key).request("POST", "/v1/staff/invitations/accept", json=body)
    secret = _authenticator(connect(opened["access_token"])) if needs_code else None
    return {"role": role, "login": login, "password": password, "totp_secret": secret}


def _authenticator(person: Client) -> str:
    """Sets one up; its key. The code of the step before is given, so that today's works right away."""
    secret = str(person.request("POST", "/v1/staff/me/totp")["secret"])
    step = int(datetime.now(UTC).timestamp()) // _STEP_SECONDS
    try:
        person.request("POST", "/v1/staff/me/totp/confirm", json={"otp": code_at(secret, step - 1)})
    except ValidationError:  # half a minute has just ended
        person.request("POST", "/v1/staff/me/totp/confirm", json={"otp": code_at(secret, step)})
    return secret


def code_at(secret: str, step: int) -> str:
    """The code of a step (RFC 6238)."""
    digest = hmac.digest(base64.b32decode(secret), step.to_bytes(8), sha1)
    start = digest[-1] & 0xF
    number = int.from_bytes(digest[start : start + 4]) & 0x7FFF_FFFF
    return f"{number % 1_000_000:06d}"

"""Shoppers who sign in. Needs the context of an application, as the phone needs its text messages."""

from __future__ import annotations

from typing import Any

from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.tenancy import system_principal
from app.signin.sessions import services as sessions
from app.signin.sessions.services import SignedIn
from app.signin.sms_codes import rules
from app.signin.sms_codes import services as sms_codes
from tests.factories.api import Api, Reply
from tests.factories.districts import District, new_phone
from tests.factories.processes import wait_until

MEMBERSHIP = {"controller": "district", "purpose": "membership", "version": "2026-01"}


def signed_in(district_id: str, member_id: str) -> SignedIn:
    """A new session of a member, without a code."""
    with unit_of_work(system_principal(district_id)) as uow:
        return sessions.start_session(uow, member_id)


def ask(place: District, phone: str, **more: Any) -> str:
    """Asks for a code; gives the challenge."""
    body = {"district": place.id, "phone": phone, **more}
    return str(place.api.post("/v1/auth/codes", body, None).ok(202)["challenge"])


def code_of(challenge: str) -> str:
    """The code that a phone is sent."""
    parts = rules.challenge_of(challenge)
    assert parts is not None
    return sms_codes.code_of(parts)


def wrong_code(challenge: str, number: int = 1) -> str:
    """Six other digits."""
    return f"{(int(code_of(challenge)) + number) % 10**6:06d}"


def proof(district: District, phone: str) -> dict[str, str]:
    """A challenge, and the code that a phone is sent for it."""
    challenge = ask(district, phone)
    return {"challenge": challenge, "code": code_of(challenge)}


def prove(district: District, challenge: str, code: str | None = None, **more: Any) -> Reply:
    """Sends the code of a challenge back, or another one."""
    key = more.pop("idempotency_key", None)
    body = {"challenge": challenge, "code": code or code_of(challenge), **more}
    return district.api.post("/v1/auth/tokens", body, None, key)


def sign_in(district: District, phone: str | None = None, **more: Any) -> Any:
    """Signs a phone in, and joins it if it is new; gives the tokens."""
    challenge = ask(district, phone or new_phone())
    return prove(district, challenge, **{"consents": [MEMBERSHIP], **more}).ok(200)


def stops(api: Api, token: str) -> bool:
    """Whether an access token stops, once nobody remembers that its session was open."""
    return wait_until(lambda: api.get("/v1/me", token).status == 401)


def code_sent_to(district_id: str, phone: str) -> str:
    """The newest code that a phone (mainland, without its country code) was sent and that works still."""
    with unit_of_work(system_principal(district_id)) as uow:
        return next(one.code for one in sms_codes.kept_codes(uow) if one.phone == f"+86{phone}")

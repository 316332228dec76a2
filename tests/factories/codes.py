"""The shopper's phone: makes member codes from its key, by the RFC's words and not by the product's code."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from dataclasses import dataclass
from typing import Any

from app.foundation.database.unit_of_work import UnitOfWork, unit_of_work
from app.foundation.tenancy import system_principal
from app.members import queries
from app.members.codes import keys as code_keys
from app.signin import queries as signin
from app.signin.models import SignInSession
from app.signin.sessions import services as sessions
from tests.factories.api import Reply
from tests.factories.districts import District

STEP_SECONDS = 60
SPARE_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Phone:
    """A member's phone. `ahead` of a code counts minutes from the present one."""

    member_id: str
    number: str
    key: str

    def code(self, ahead: int = 0) -> str:
        """The code of this minute, or of one before or after."""
        return self.code_at(int(time.time()) + ahead * STEP_SECONDS)

    def code_at(self, seconds: int) -> str:
        """The code of a moment in seconds since 1970: RFC 6238, 4.2, and RFC 4226, 5.3."""
        counter = (seconds // STEP_SECONDS).to_bytes(8, "big")
        digest = hmac.new(base64.b32decode(self.key), counter, hashlib.sha256).digest()
        offset = digest[-1] & 0x0F
        binary = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
        return f"88{self.number}{binary % 1_000_000:06d}"

    def wrong_code(self, number: int = 1) -> str:
        """A code of this member's that is right at no time near."""
        right = {self.code(minutes)[-6:] for minutes in range(-400, 70)}
        digits = next(one for one in (f"{(number * 7919 + n) % 10**6:06d}" for n in range(1000)) if one not in right)
        return f"88{self.number}{digits}"


def new_phone_of(district: District, **member: Any) -> Phone:
    """Enrols somebody and gives their phone its key. Needs the context of an application."""
    member_id = district.member(**member)
    return phone_of(district, member_id)


def phone_of(district: District, member_id: str, *, renew: bool = False) -> Phone:
    """The phone on which a member signed in last, or does now. Needs the context of an application."""
    with unit_of_work(system_principal(district.id)) as uow:
        member = queries.find_member(uow, member_id)
        if not (found := _newest_session(uow, member_id)):
            sessions.start_session(uow, member_id)
            found = _newest_session(uow, member_id)
        take = code_keys.replace_keys if renew else code_keys.secret_of_session
        [session] = found
        secret = take(uow, member_id, session.id, session.expires_at)
        return Phone(member_id, member.number, base64.b32encode(secret).decode())


def _newest_session(uow: UnitOfWork, member_id: str) -> list[SignInSession]:
    query = signin.open_sessions(uow, member_id).order_by(SignInSession.id.desc()).limit(1)
    return list(uow.session.scalars(query))


def resolve(district: District, code: str, key: str | None = None, **more: Any) -> Reply:
    """Resolves a code at the first shop, unless told otherwise."""
    idempotency_key = more.pop("idempotency_key", None)
    body = {"code": code, "store_id": district.shop.store_id, **more}
    return district.api.post("/v1/member-codes/resolve", body, key or district.shop.key, idempotency_key)


def early_in_the_minute() -> None:
    """Waits, if need be, until a minute has begun that lasts a while: what follows happens within it."""
    left = STEP_SECONDS - time.time() % STEP_SECONDS
    if left < SPARE_SECONDS:
        time.sleep(left + 0.05)

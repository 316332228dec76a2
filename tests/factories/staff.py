"""People of staff: invited, signed in, with a second factor where their role needs one."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.staff.accounts import totp
from tests.factories.api import Api, Reply
from tests.factories.clock import now
from tests.factories.districts import District, new_phone

PASSWORD = "a horse that reads maps"


@dataclass(slots=True)
class Person:
    """Somebody who works for a district: its login, password, authenticator, and the token of its session."""

    api: Api
    login: str
    password: str
    account_id: str
    token: str
    secret: bytes | None = None
    used_step: int = field(default=0)
    clock: Callable[[], datetime] = field(default=now)

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> Reply:
        """A call of the API with its token."""
        return self.api.call(method, path, body, key=self.token, **more)

    def otp(self, at: datetime | None = None) -> str:
        """A code of its authenticator that wasn't used yet: the steps around now are good for three."""
        assert self.secret is not None
        step = max(totp.step_at(at or self.clock()) - 1, self.used_step + 1)
        self.used_step = step
        return totp.code_at(self.secret, step)

    def sign_in(self, **more: Any) -> Reply:
        """Signs in anew, with a second factor if it has one."""
        body = {"login": self.login, "password": self.password, **more}
        if self.secret is not None and "otp" not in body:
            body["otp"] = self.otp()
        reply = self.api.post("/v1/staff/sessions", body, None)
        if reply.status == 201:
            self.token = reply.body["access_token"]
        return reply

    def step_up(self) -> None:
        """Gives its password again."""
        self.call("POST", "/v1/staff/me/step-up", {"password": self.password}).ok(200)

    def set_up_totp(self) -> list[str]:
        """Takes an authenticator; gives the codes on paper."""
        self.secret = totp.secret_of(self.call("POST", "/v1/staff/me/totp").ok(200)["secret"])
        confirmed = self.call("POST", "/v1/staff/me/totp/confirm", {"otp": self.otp()})
        if confirmed.status == 422:  # the step before has just become the one before that
            confirmed = self.call("POST", "/v1/staff/me/totp/confirm", {"otp": self.otp()})
        added = confirmed.ok(201)
        self.token = added["session"]["access_token"]
        return list(added["recovery_codes"])


def new_email() -> str:
    """An address that nobody has."""
    return f"w{secrets.token_hex(8)}@example.com"


def invite(district: District, role: str, *, key: str | None = None, **more: Any) -> Reply:
    """Invites somebody to a role."""
    body = {"name": "王芳", "login": new_email(), "role": role, **more}
    return district.api.post("/v1/staff/invitations", body, key or district.key)


def secret_of(url: str) -> str:
    """The secret of an invitation's link."""
    return url.rsplit("/", 1)[1]


def accept(api: Api, url: str, password: str = PASSWORD) -> Reply:
    """Takes up an invitation as somebody new."""
    return api.post("/v1/staff/invitations/accept", {"invitation": secret_of(url), "password": password}, None)


def place_of(district: District, role: str) -> dict[str, str]:
    """What an invitation to a role names besides: the first shop's merchant or store."""
    if role == "merchant_manager":
        return {"merchant_id": district.shop.merchant_id}
    return {"store_id": district.shop.store_id} if role == "cashier" else {}


def hire(
    district: District,
    role: str = "alliance_admin",
    *,
    strong: bool = True,
    clock: Callable[[], datetime] = now,
    **more: Any,
) -> Person:
    """Somebody new in a role, who is signed in; `strong`: with an authenticator, which goes by `clock`."""
    login = str(more.pop("login", None) or new_email())
    named = {**place_of(district, role), **more}
    url = invite(district, role, login=login, **named).ok(201)["url"]
    opened = accept(district.api, url).ok(201)
    person = Person(district.api, login, PASSWORD, opened["account_id"], opened["access_token"], clock=clock)
    if strong:
        person.set_up_totp()
    return person


def with_phone(district: District, role: str = "alliance_admin", **more: Any) -> Person:
    """The same, known by a phone."""
    return hire(district, role, login=new_phone(), **more)

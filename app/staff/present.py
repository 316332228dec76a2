"""How sessions and accounts are shown, also when an answer is asked for again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from app.foundation.clock import format_instant
from app.foundation.database.idempotency import StoredAnswer
from app.foundation.database.once import Once, ToStore
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.routing import Call, once_of
from app.foundation.keyring import digest_of
from app.foundation.problems import DomainError
from app.foundation.runtime import keyring
from app.staff import queries
from app.staff.models import AccountNotice, Passkey, StaffSession
from app.staff.sessions import services as sessions
from app.staff.sessions.places import Workplace
from app.staff.sessions.services import Opened, WaitingSignIn

Begun = Opened | WaitingSignIn | DomainError
REPLAYED_SECONDS = 60
"""For so long tokens can be asked for again under their idempotency key."""


def show_opened(opened: Opened) -> dict[str, Any]:
    """A session as its owner gets it."""
    return {
        "object": "staff_session",
        "id": opened.session_id,
        "account_id": opened.account_id,
        "token_type": "Bearer",
        "access_token": opened.token,
        "expires_in": int(sessions.LASTS.total_seconds()),
        "district_id": opened.district_id,
        "wants": opened.wants or None,
    }


def show_waiting(waiting: WaitingSignIn) -> dict[str, Any]:
    """A sign-in that waits for its second factor."""
    return {
        "object": "staff_sign_in",
        "id": waiting.session_id,
        "account_id": waiting.account_id,
        "token": waiting.token,
        "expires_in": int(sessions.WAITS.total_seconds()),
        "second_factors": waiting.factors,
        "passkey_options": waiting.passkey,
    }


def answer_begun(begun: Opened | WaitingSignIn, **more: Any) -> Answer:
    """A sign-in as it is answered; its token is kept sealed, for a minute."""
    status, body = _shown(begun)
    headers = {"Idempotent-Replayed": "true"} if begun.is_replay else {}
    return Answer(body, status, stored=seal_token(body), headers=headers, **more)


def _shown(begun: Opened | WaitingSignIn) -> tuple[int, dict[str, Any]]:
    return (201, show_opened(begun)) if isinstance(begun, Opened) else (202, show_waiting(begun))


def once_begun(call: Call) -> Once[Any] | None:
    """What the idempotency key promises of a sign-in that takes several units of work, of which the one with it is the last."""

    def to_store(begun: Begun) -> ToStore | None:
        if not isinstance(begun, Opened | WaitingSignIn):
            return None
        status, body = _shown(begun)
        return status, seal_token(body)

    def again(uow: UnitOfWork, stored: StoredAnswer) -> Begun:
        return _begun_again(open_token(uow, stored.answer))

    return once_of(call, to_store, again, timedelta(seconds=REPLAYED_SECONDS))


def _begun_again(body: dict[str, Any]) -> Opened | WaitingSignIn:
    own = (body["id"], body["account_id"])
    if "access_token" in body:
        return Opened(body["access_token"], *own, body["district_id"], body["wants"] or "", is_replay=True)
    return WaitingSignIn(body["token"], *own, body["second_factors"], body["passkey_options"], is_replay=True)


def seal_token(body: dict[str, Any]) -> dict[str, Any]:
    """An answer with a session's token as it may be kept."""
    name = "access_token" if "access_token" in body else "token"
    return {**body, name: keyring().seal(body[name], bound_to=body["id"]).hex()}


def open_token(uow: UnitOfWork, stored: dict[str, Any]) -> dict[str, Any]:
    """The answer again. Raises Unauthorized where its session has ended meanwhile, or has another token."""
    name = "access_token" if "access_token" in stored else "token"
    token = keyring().open(bytes.fromhex(stored[name]), bound_to=stored["id"])
    stage = "open" if name == "access_token" else "second-factor"
    if queries.session_of_token(uow, digest_of(token), stage=stage) is None:
        raise sessions.over()
    return {**stored, name: token}


def show_session(uow: UnitOfWork) -> Callable[[StaffSession], dict[str, Any]]:
    """One of one's own sessions."""

    def show(row: StaffSession) -> dict[str, Any]:
        return {
            "object": "staff_session",
            "id": row.id,
            "device": row.device or None,
            "district_id": row.chosen_district,
            "started_at": format_instant(row.started_at),
            "used_at": format_instant(row.used_at),
            "expires_at": format_instant(row.expires_at),
            "is_current": row.id == uow.principal.session_id,
        }

    return show


def show_place(place: Workplace) -> dict[str, Any]:
    """Where somebody works, and as what."""
    return {
        "district_id": place.district_id,
        "name": place.name,
        "slug": place.slug,
        "role": place.here.role,
        "merchant_id": place.here.merchant_id,
        "store_id": place.here.store_id,
    }


def show_notice(row: AccountNotice) -> dict[str, Any]:
    """What somebody else has done to an account."""
    return {"kind": row.kind, "actor_id": row.actor_id, "created_at": format_instant(row.created_at)}


def show_passkey(row: Passkey) -> dict[str, Any]:
    """A passkey as its owner knows it."""
    return {
        "object": "passkey",
        "id": row.id,
        "name": row.name,
        "created_at": format_instant(row.created_at),
        "used_at": row.used_at and format_instant(row.used_at),
    }

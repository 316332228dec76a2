"""How tokens, keys of codes and the member who is signed in are shown, also when an answer is asked for again."""

from __future__ import annotations

from typing import Any

import orjson

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.runtime import keyring
from app.members.codes import rules as codes
from app.members.present import show_member
from app.points.present import show_points
from app.signin import queries, services
from app.signin.sessions.services import SignedIn

REPLAYED_SECONDS = 60
"""For so long tokens can be asked for again under their idempotency key: an answer that was lost, not one that was stolen."""


def show_tokens(signed_in: SignedIn) -> dict[str, Any]:
    """Tokens as the phone gets them."""
    told = signed_in._asdict()
    del told["session_id"]
    return {"object": "tokens", "token_type": "Bearer", **told}


def seal_tokens(signed_in: SignedIn) -> dict[str, str]:
    """Tokens as they may be kept for a minute."""
    text = orjson.dumps(tuple(signed_in)).decode()
    return {"member_id": signed_in.member_id, "sealed": keyring().seal(text, bound_to=signed_in.member_id).hex()}


def open_tokens(uow: UnitOfWork, stored: dict[str, Any]) -> dict[str, Any]:
    """Tokens that were kept, again. Raises SessionOver where their session has ended meanwhile."""
    text = keyring().open(bytes.fromhex(stored["sealed"]), bound_to=stored["member_id"])
    signed_in = SignedIn(*orjson.loads(text))
    if not queries.is_open(uow, signed_in.session_id, signed_in.member_id):
        raise services.session_over()
    return show_tokens(signed_in)


def show_me(uow: UnitOfWork, own: str) -> dict[str, Any]:
    """The member who is signed in, with its points."""
    return {**show_member(uow, own), "points": show_points(uow, own)}


def show_key(member_id: str, number: str, secret: bytes) -> dict[str, Any]:
    """A key as the phone gets it: all that TOTP needs (RFC 6238)."""
    return {
        "object": "code_key",
        "member_id": member_id,
        "number": number,
        "prefix": codes.PREFIX,
        "key": codes.secret_text(secret),
        "algorithm": "SHA256",
        "digits": codes.DIGITS,
        "period_seconds": int(codes.STEP.total_seconds()),
    }

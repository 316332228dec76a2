"""The two tokens of a session."""

from __future__ import annotations

import base64
import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from app.foundation.ids import new_id
from app.signin.sessions import tokens
from app.signin.sessions.tokens import AUDIENCE, AccessClaims, NotAToken, access_token, read_access_token

ISSUER = "https://example.com"
OLD, NEW = secrets.token_bytes(32), secrets.token_bytes(32)
KEYS = {1: OLD}
CLAIMS = AccessClaims(new_id("mem"), new_id("dis"), new_id("ses"))


def made(keys: dict[int, bytes] = KEYS, **more: Any) -> str:
    options = {"issuer": ISSUER, "now": datetime.now(UTC), "lasts": timedelta(minutes=10), **more}
    return access_token(keys, CLAIMS, **options)


def read(token: str, keys: dict[int, bytes] = KEYS, issuer: str = ISSUER) -> AccessClaims:
    return read_access_token(keys, token, issuer=issuer)


def part(token: str, number: int) -> Any:
    text = token.split(".")[number]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def test_a_token_says_who_where_by_which_session_and_for_how_long() -> None:
    token = made()
    assert read(token) == CLAIMS
    assert part(token, 0) == {"alg": "HS256", "kid": "1", "typ": "JWT"}
    said = part(token, 1)
    assert (said["iss"], said["aud"], said["sub"]) == (ISSUER, AUDIENCE, CLAIMS.member_id)
    assert said["exp"] - said["iat"] == 600


def test_keys_rotate_by_their_version() -> None:
    before, after = made(), made({2: NEW, 1: OLD})
    both = {2: NEW, 1: OLD}
    assert part(after, 0)["kid"] == "2"
    assert read(before, both) == read(after, both) == CLAIMS
    for token, keys in ((after, {1: OLD}), (before, {2: NEW}), (before, {1: NEW})):
        with pytest.raises(NotAToken):
            read(token, keys)


@pytest.mark.parametrize("seconds", [0, -1, -3600])
def test_it_ends(seconds: int) -> None:
    with pytest.raises(NotAToken):
        read(made(lasts=timedelta(seconds=seconds)))


def test_it_is_for_one_issuer() -> None:
    with pytest.raises(NotAToken):
        read(made(), issuer="https://other.example.com")


def forged(**changes: Any) -> str:
    """A token with other contents, rightly signed unless `key` or `algorithm` say otherwise."""
    headers = changes.pop("headers", {"kid": "1"})
    key, algorithm = changes.pop("key", OLD), changes.pop("algorithm", "HS256")
    said = {**part(made(), 1), **changes}
    return jwt.encode({name: one for name, one in said.items() if one is not None}, key, algorithm, headers)


@pytest.mark.parametrize(
    "changes",
    [
        {"key": NEW},
        {"key": "", "algorithm": "none"},
        {"headers": {}},
        {"headers": {"kid": "2"}},
        {"aud": "staff"},
        {"aud": None},
        {"exp": None},
        {"sub": None},
        {"sub": "mem_1"},
        {"sub": CLAIMS.session_id},
        {"district": None},
        {"district": "dis_' OR true"},
        {"session": None},
        {"session": 7},
    ],
)
def test_what_is_not_ours_is_none(changes: dict[str, Any]) -> None:
    with pytest.raises(NotAToken):
        read(forged(**changes))


@pytest.mark.parametrize("text", ["", "..", "a.b.c", "é.é.é", "a.b", "e30.e30.e30", "\ud800.a.b", "0.0.0"])
def test_other_texts_are_none(text: str) -> None:
    with pytest.raises(NotAToken):
        read(text)


def test_a_changed_token_is_none() -> None:
    head, body, signature = made().split(".")
    other = (
        base64.urlsafe_b64encode(json.dumps({**part(made(), 1), "sub": new_id("mem")}).encode()).decode().rstrip("=")
    )
    with pytest.raises(NotAToken):
        read(f"{head}.{other}.{signature}")
    with pytest.raises(NotAToken):
        read(f"{head}.{body}.")


def test_a_refresh_token_names_its_district_and_is_random() -> None:
    district = new_id("dis")
    made = {tokens.new_refresh_token(district) for _ in range(100)}
    assert len(made) == 100
    assert {tokens.district_of_refresh_token(one) for one in made} == {district}


@pytest.mark.parametrize("text", ["", "rt_", "rt_" + "1" * 58, "rt_" + "é" * 58, "sk_" + "a" * 58, "rt_" + "a" * 57])
def test_other_texts_are_no_refresh_tokens(text: str) -> None:
    assert tokens.district_of_refresh_token(text) is None

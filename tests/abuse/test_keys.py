"""A key never becomes a stronger or a longer one: what holds of those who mint, rotate and revoke keys."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from flask import Flask

from app.config import Settings
from app.foundation.clock import format_instant
from app.foundation.http.routing import RouteSpec
from tests.factories.api import Api, Reply
from tests.factories.checksums import checksums
from tests.factories.clock import ahead, now
from tests.factories.districts import District
from tests.factories.specs import SPECS, body_of, name_of, path_of
from tests.factories.worlds import World, new_world

VERBS = [spec for spec in SPECS if spec.rule.startswith("/v1/api-keys") and spec.method != "GET"]


def mint(district: District, *, key: str | None = None, **body: Any) -> dict[str, Any]:
    made: dict[str, Any] = district.api.post("/v1/api-keys", {"name": "x", **body}, key or district.key).ok(201)
    return made


def rotate(district: District, made: dict[str, Any], key: str, idempotency_key: str | None = None) -> Reply:
    path = f"/v1/api-keys/{made['id']}/rotate"
    return district.api.post(path, {"overlap_seconds": 3600}, key, idempotency_key)


@pytest.fixture
def unchanged(district: District, superuser: psycopg.Connection) -> Any:
    """Says whether the district is as it was when this was called first."""
    seen: list[Any] = []

    def check() -> bool:
        seen.append(checksums(superuser, district.id))
        return bool(seen[0] == seen[-1])

    return check


@pytest.fixture(scope="module")
def world(app: Flask, settings: Settings) -> World:
    """A district with one of everything."""
    return new_world(Api.inside(app, settings.operator_key))


@pytest.mark.parametrize("spec", VERBS, ids=name_of)
def test_no_verb_on_a_key_is_for_a_weaker_one(world: World, spec: RouteSpec, superuser: psycopg.Connection) -> None:
    """Whatever is done to keys, those to come too: with `keys:write` alone it is refused, and nothing changes."""
    weak = world.scoped_key("keys:write")
    before = checksums(superuser, world.district.id)
    refused = world.district.api.call(spec.method, path_of(spec, world.ids), body_of(spec, world.ids), key=weak)
    assert (refused.status, refused.code) == (403, "forbidden")
    assert checksums(superuser, world.district.id) == before


@pytest.mark.parametrize("spec", VERBS, ids=name_of)
def test_no_verb_gives_away_a_secret_that_outlasts_the_caller(world: World, spec: RouteSpec) -> None:
    """A key that ends, or a secret that was rotated away, gets no secret that works longer than itself."""
    district, ends_at = world.district, now() + timedelta(hours=2)
    ending = mint(district, expires_at=format_instant(ends_at))["secret"]
    outgoing = mint(district)
    rotate(district, outgoing, district.key).ok(200)
    path, body = path_of(spec, {**world.ids, "key": mint(district)["id"]}), body_of(spec, world.ids)
    for secret in (ending, outgoing["secret"]):
        answer = district.api.call(spec.method, path, body, key=secret)
        told = answer.body if "secret" in answer.body else None
        assert told is None or told["expires_at"] <= format_instant(ends_at)


def test_a_key_of_keys_takes_no_stronger_one_by_rotation(district: District, unchanged: Any) -> None:
    """`keys:write` doesn't become `*`: a stronger key is neither rotated nor revoked, and works on."""
    clerk = mint(district, scopes=["keys:write", "transactions:read"])["secret"]
    stronger = [mint(district), mint(district, merchant_id=district.shop.merchant_id)]
    assert unchanged()
    for one in stronger:
        assert rotate(district, one, clerk).code == "forbidden"
        assert district.api.delete(f"/v1/api-keys/{one['id']}", clerk).code == "forbidden"
    assert unchanged()
    assert district.api.get("/v1/programme", stronger[0]["secret"]).status == 200


def test_a_key_is_as_strong_as_its_equal(district: District) -> None:
    """Who holds all scopes of a key may rotate and revoke it; itself, too."""
    clerk = mint(district, scopes=["keys:write", "transactions:read"])
    weaker = mint(district, scopes=["transactions:read"], key=clerk["secret"])
    rotated = rotate(district, weaker, clerk["secret"]).ok(200)
    assert district.api.get("/v1/transactions", rotated["secret"]).status == 200
    assert district.api.delete(f"/v1/api-keys/{weaker['id']}", clerk["secret"]).status == 200
    own = rotate(district, clerk, clerk["secret"]).ok(200)["secret"]
    assert district.api.get("/v1/api-keys", own).status == 200
    assert district.api.delete(f"/v1/api-keys/{clerk['id']}", own).status == 200


def test_a_key_that_ends_makes_none_that_ends_later(district: District, unchanged: Any) -> None:
    """The end of a key is the end of all that it makes."""
    ends_at = format_instant(now() + timedelta(hours=1))
    ending = mint(district, expires_at=ends_at)["secret"]
    assert unchanged()
    refused = district.api.post("/v1/api-keys", {"name": "x", "expires_at": ahead(hours=2)}, ending)
    assert (refused.status, refused.pointers) == (422, {"/expires_at"})
    assert unchanged()
    assert mint(district, key=ending)["expires_at"] == ends_at
    sooner = ahead(minutes=30)
    assert mint(district, key=ending, expires_at=sooner)["expires_at"] == sooner


def test_a_key_that_ends_extends_none(district: District, unchanged: Any) -> None:
    """A key that ends gets no fresh secret of one that ends later or never; of its own, it does."""
    ends_at = ahead(hours=1)
    ending = mint(district, expires_at=ends_at)
    later = [mint(district), mint(district, expires_at=ahead(hours=2))]
    assert unchanged()
    for one in later:
        assert rotate(district, one, ending["secret"]).code == "forbidden"
    assert unchanged()
    assert rotate(district, ending, ending["secret"]).ok(200)["expires_at"] == ending["expires_at"]


def test_a_secret_that_was_rotated_away_gets_no_new_one(district: District, unchanged: Any) -> None:
    """In its overlap an old secret works, but takes over neither its own key nor another, and mints none that stays."""
    leaked = mint(district)
    rotate(district, leaked, district.key).ok(200)
    assert unchanged()
    for target in (leaked, mint(district)):
        assert rotate(district, target, leaked["secret"]).code == "forbidden"
    minted = mint(district, key=leaked["secret"])
    assert minted["expires_at"] is not None
    assert minted["expires_at"] < ahead(hours=1)


def test_a_revoked_key_mints_nothing_while_it_is_still_remembered(timed: District) -> None:
    """For its last seconds in a process's memory a revoked key sells; it makes no key."""
    leaked = mint(timed)
    assert timed.api.get("/v1/transactions", leaked["secret"]).status == 200
    timed.api.delete(f"/v1/api-keys/{leaked['id']}", timed.key).ok(200)
    refused = timed.api.post("/v1/api-keys", {"name": "x"}, leaked["secret"])
    assert (refused.status, refused.code) == (401, "unauthorized")
    [newest, *_] = timed.api.get("/v1/api-keys", timed.key).ok()["data"]
    assert newest["id"] == leaked["id"]


def test_a_revoked_key_stays_revoked(district: District, unchanged: Any) -> None:
    """No verb brings a revoked key back."""
    gone = mint(district)
    district.api.delete(f"/v1/api-keys/{gone['id']}", district.key).ok(200)
    assert unchanged()
    assert rotate(district, gone, district.key).code == "not-found"
    assert district.api.delete(f"/v1/api-keys/{gone['id']}", district.key).code == "not-found"
    assert unchanged()


def test_an_answer_is_repeated_to_who_had_it(district: District) -> None:
    """A key that rotates itself and loses the answer asks again with the secret that it had."""
    own = mint(district)
    first = rotate(district, own, own["secret"], "again").ok(200)
    again = rotate(district, own, own["secret"], "again")
    assert (again.headers["Idempotent-Replayed"], again.body) == ("true", first)


def test_a_stored_answer_tells_no_secret_to_a_secret_that_ends(district: District) -> None:
    """What the new secret of a key has minted is not repeated to the old one, which ends."""
    own = mint(district)
    new = rotate(district, own, district.key).ok(200)["secret"]
    body = {"name": "x"}
    made = district.api.post("/v1/api-keys", body, new, "again").ok(201)
    refused = district.api.post("/v1/api-keys", body, own["secret"], "again")
    assert (refused.status, refused.code) == (403, "forbidden")
    assert made["secret"] not in str(refused.body)
    assert district.api.post("/v1/api-keys", body, new, "again").ok(201)["secret"] == made["secret"]

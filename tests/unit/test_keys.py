"""All that is sealed or indexed moves to the newest keys, in batches that may be interrupted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner
from flask import Flask

from app import cli, keys
from app.config import Settings
from app.exports.tasks import make_export
from app.factory import create_app
from app.foundation.database.db import db
from app.keys import Refreshed
from app.launcher.postgres import OWNER, EmbeddedPostgres
from tests.conftest import OPERATOR_KEY, environment_of, random_key
from tests.factories.api import Api
from tests.factories.districts import District, new_phone
from tests.factories.imports import HEAD, csv_of, imported
from tests.factories.members import enrol, find
from tests.factories.settlement_accounts import BANK, account_of, change_account
from tests.factories.shoppers import MEMBERSHIP, proof, prove

WECHAT = [{"kind": "wechat_openid", "value": f"openid-{n}"} for n in range(3)]
HOOK = {"url": "https://example.com/hook", "events": ["*"]}


@pytest.fixture
def product(settings: Settings) -> Iterator[Callable[..., Flask]]:
    """Makes the product on the same database with other settings."""
    with ExitStack() as stack:

        def make(**changes: Any) -> Flask:
            app = create_app(replace(settings, **changes))
            stack.callback(_close, app)
            return app

        yield make


def _close(app: Flask) -> None:
    with app.app_context():
        db.engine.dispose()


def refresh(app: Flask, district: District) -> Refreshed:
    """Refreshes one district."""
    done = Refreshed(district.id)
    with app.app_context():
        keys._refresh_district(done)
    return done


def versions(superuser: psycopg.Connection, district: District) -> tuple[set[int], set[int], set[int]]:
    """Versions of the keys that seal members and webhooks, and of those that index members."""
    query = """
        SELECT ARRAY(SELECT DISTINCT get_byte(f, 0) FROM members, unnest(ARRAY[phone, name, birthday]) AS f
                     WHERE district_id = %(d)s AND f IS NOT NULL
                     UNION SELECT get_byte(value, 0) FROM member_identities
                     WHERE district_id = %(d)s AND value IS NOT NULL),
               ARRAY(SELECT DISTINCT get_byte(f, 0) FROM webhook_endpoints, unnest(ARRAY[secret, previous_secret]) AS f
                     WHERE district_id = %(d)s AND f IS NOT NULL),
               ARRAY(SELECT DISTINCT key_version::integer FROM member_identities WHERE district_id = %(d)s)
    """
    row = superuser.execute(query, {"d": district.id[4:]}).fetchone()
    assert row is not None
    return set(row[0]), set(row[1]), set(row[2])


def test_afterwards_no_older_key_is_needed(
    district: District,
    settings: Settings,
    product: Callable[..., Flask],
    superuser: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(keys, "BATCH", 3)
    people = {phone: enrol(district, phone=phone, name="王小明", birthday="1990-05-01").ok(201) for phone in phones(7)}
    enrol(district, identities=WECHAT).ok(201)
    hook = district.api.post("/v1/webhook-endpoints", HOOK, district.key).ok(201)
    district.api.post(f"/v1/webhook-endpoints/{hook['id']}/rotate", {}, district.key).ok()
    change_account(district, district.shop, bank_details=BANK).ok(200)
    seal, index = random_key(7), random_key(8)
    both = product(encryption_keys=f"{seal},{settings.encryption_keys}", index_keys=f"{index},{settings.index_keys}")
    done = refresh(both, district)
    assert (done.members, done.secrets, done.accounts, done.broken) == (8, 2, 1, [])
    assert versions(superuser, district) == ({7}, {7}, {1, 8})
    assert refresh(both, district) == Refreshed(district.id)
    only = product(encryption_keys=seal, index_keys=index)
    alone = replace(district, api=Api.inside(only, OPERATOR_KEY))
    for phone, person in people.items():
        assert find(alone, phone) == [person["id"]]
        assert alone.api.get(f"/v1/members/{person['id']}", alone.key).ok() == person
    assert account_of(alone, alone.shop)["bank_details"]["holder"] == BANK["holder"]
    assert refresh(only, district).members == 8
    assert versions(superuser, district) == ({7}, {7}, {8})


def test_files_of_exports_and_imports_are_read_by_the_older_key_until_they_go(
    district: District, settings: Settings, product: Callable[..., Flask], app: Flask
) -> None:
    """They aren't sealed anew: they go before the older key may."""
    with app.app_context():
        asked = district.api.post("/v1/exports", {"list": "stores", "format": "csv"}, district.key).ok(202)
        make_export(district.id, asked["id"])
        refused = imported(district, csv_of(HEAD, ("A1", "x", "", "", "")))
    both = product(encryption_keys=f"{random_key(7)},{settings.encryption_keys}")
    refresh(both, district)
    with both.app_context():
        later = replace(district, api=Api.inside(both, OPERATOR_KEY))
        store = district.shop.store_code
        assert store in later.api.get(f"/v1/exports/{asked['id']}/download", later.key).ok(200)
        assert "A1" in later.api.get(f"/v1/imports/{refused['id']}/refused", later.key).ok(200)


def phones(number: int) -> list[str]:
    return [new_phone() for _ in range(number)]


def test_half_done_it_goes_on_where_it_stopped(
    district: District, settings: Settings, product: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "BATCH", 2)
    for phone in phones(5):
        enrol(district, phone=phone)
    app = product(index_keys=f"{random_key(2)},{settings.index_keys}")
    asked = iter((keys._refresh_members, keys._refresh_members))
    with monkeypatch.context() as patch:
        patch.setattr(keys, "_refresh_members", lambda *given: next(asked)(*given))
        with pytest.raises(StopIteration):
            refresh(app, district)
    assert refresh(app, district).members == 1
    assert refresh(app, district).members == 0


def test_one_identity_of_several_that_lacks_a_key_is_noticed(
    district: District, settings: Settings, product: Callable[..., Flask]
) -> None:
    member = enrol(district, identities=WECHAT[:1]).ok(201)["id"]
    app = product(index_keys=f"{random_key(2)},{settings.index_keys}")
    rotated = replace(district, api=Api.inside(app, OPERATOR_KEY))
    for identity in WECHAT[1:]:
        rotated.api.patch(f"/v1/members/{member}", {"identities": [identity]}, district.key).ok()
    assert refresh(app, district).members == 1
    assert refresh(app, district).members == 0


def test_a_member_whose_key_is_gone_is_named_and_the_others_are_done(
    district: District, settings: Settings, product: Callable[..., Flask]
) -> None:
    lost = product(encryption_keys=random_key(3))
    there = replace(district, api=Api.inside(lost, OPERATOR_KEY))
    member = enrol(there).ok(201)["id"]
    hook = there.api.post("/v1/webhook-endpoints", HOOK, there.key).ok(201)["id"]
    district.api.post("/v1/webhook-endpoints", HOOK, district.key).ok(201)
    enrol(district).ok(201)
    app = product(encryption_keys=f"{random_key(7)},{settings.encryption_keys}")
    done = refresh(app, district)
    assert (done.members, done.secrets, done.broken) == (1, 1, [member, hook])


def numbers_that_wait(superuser: psycopg.Connection, district: District) -> list[int]:
    """Versions of the keys that seal the numbers of changes and notices that wait."""
    query = """
        SELECT get_byte(phone, 0) FROM phone_changes WHERE district_id = %(d)s
        UNION ALL SELECT get_byte(phone, 0) FROM phone_notices WHERE district_id = %(d)s
    """
    return [version for (version,) in superuser.execute(query, {"d": district.id[4:]})]


def ask_for_change(there: District) -> tuple[str, str, str]:
    """A member who has lost its number and waits for another; its id, its token and the new number."""
    old, new = phones(2)
    first = proof(there, old)
    tokens = prove(there, first["challenge"], first["code"], consents=[MEMBERSHIP]).ok(200)
    lost = {**proof(there, new), "old_number_lost": True}
    there.api.post("/v1/me/phone", lost, tokens["access_token"]).ok(202)
    return tokens["member_id"], tokens["access_token"], new


def test_numbers_of_changes_and_notices_that_wait_need_no_older_key(
    district: District, settings: Settings, product: Callable[..., Flask], superuser: psycopg.Connection
) -> None:
    with product().app_context():
        _, token, new = ask_for_change(district)
    seal = random_key(7)
    both = product(encryption_keys=f"{seal},{settings.encryption_keys}")
    assert numbers_that_wait(superuser, district) == [1, 1]
    done = refresh(both, district)
    assert (done.waiting, done.broken) == (2, [])
    assert numbers_that_wait(superuser, district) == [7, 7]
    assert refresh(both, district) == Refreshed(district.id)
    alone = Api.inside(product(encryption_keys=seal), OPERATOR_KEY)
    waits = alone.get("/v1/me/phone/change", token).ok(200)
    assert waits["masked_phone"] == f"{new[:3]}****{new[-4:]}"


def test_a_number_that_waits_whose_key_is_gone_is_named(
    district: District, settings: Settings, product: Callable[..., Flask], superuser: psycopg.Connection
) -> None:
    lost = product(encryption_keys=random_key(3))
    with lost.app_context():
        member, _, _ = ask_for_change(replace(district, api=Api.inside(lost, OPERATOR_KEY)))
    done = refresh(product(encryption_keys=f"{random_key(7)},{settings.encryption_keys}"), district)
    assert done.waiting == 0
    assert [one.partition("_")[0] for one in done.broken] == ["mem", "mem", "ntc"]
    assert f"{member}/new-phone" in done.broken
    assert numbers_that_wait(superuser, district) == [3, 3]


def test_a_phone_changed_meanwhile_is_the_one_that_counts(
    district: District, settings: Settings, product: Callable[..., Flask], superuser: psycopg.Connection
) -> None:
    old, new = phones(2)
    member = enrol(district, phone=old).ok(201)["id"]
    app = product(index_keys=f"{random_key(2)},{settings.index_keys}")
    rotated = replace(district, api=Api.inside(app, OPERATOR_KEY))
    rotated.api.patch(f"/v1/members/{member}", {"phone": new, "reason": "lost"}, district.key).ok()
    assert refresh(app, district).members == 0
    assert (find(rotated, old), find(rotated, new)) == ([], [member])


def test_the_command_does_all_districts_though_one_fails(
    settings: Settings, postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a database of its own, since it would go through those of all tests."""
    postgres.create_database("keys")
    there = replace(
        settings,
        database_url=settings.database_url.replace("/quantong?", "/keys?"),
        database_owner_url=postgres.url(OWNER, "keys"),
    )
    run = CliRunner(env=environment_of(there))
    assert run.invoke(cli.main, ["migrate"]).exit_code == 0
    district = replace_api(there)
    rotated = CliRunner(env=environment_of(replace(there, index_keys=f"{random_key(9)},{there.index_keys}")))
    for members in (2, 0):
        result = rotated.invoke(cli.main, ["refresh-keys"])
        assert result.exit_code == 0, result.output
        assert (
            " ".join(result.output.split())
            == f"{district} {members} members 0 webhook secrets 0 waiting numbers 0 bank details 0 of staff"
        )
    other = replace_api(there, "other")
    failing, working = sorted((district, other))
    work = keys._refresh_district
    monkeypatch.setattr(keys, "_refresh_district", lambda done: fail() if done.district_id == failing else work(done))
    result = rotated.invoke(cli.main, ["refresh-keys"])
    assert result.exit_code == 1
    named = [line for line in result.output.splitlines() if "FAILED" in line or line.startswith("dis_")]
    assert [line.split()[0] for line in named] == [failing, "FAILED", working]
    monkeypatch.undo()
    lost = CliRunner(env=environment_of(replace(there, encryption_keys=random_key(5))))
    result = lost.invoke(cli.main, ["refresh-keys"])
    assert result.exit_code == 1
    assert result.output.count("BROKEN mem_") == 4


def fail() -> None:
    raise RuntimeError("this one fails")


def replace_api(settings: Settings, slug: str = "keys") -> str:
    """A district with two members there; its id."""
    app = create_app(settings)
    api = Api.inside(app, settings.operator_key)
    made = api.post("/v1/districts", {"name": "x", "slug": slug}, settings.operator_key).ok(201)
    for phone in phones(2):
        api.post("/v1/members", {"phone": phone}, made["api_key"]["secret"]).ok(201)
    _close(app)
    return str(made["id"])

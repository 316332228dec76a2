"""Keys rotate: members stay findable, nobody becomes two, and the old key can go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from flask import Flask

from app.config import Settings
from app.factory import create_app
from app.foundation.database.db import db
from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.keyring import SealBroken
from app.foundation.tenancy import system_principal
from app.members import queries
from app.members.services import refresh_keys
from tests.conftest import OPERATOR_KEY, random_key
from tests.factories.api import Api
from tests.factories.codes import new_phone_of, phone_of
from tests.factories.districts import District, new_phone
from tests.factories.members import enrol, find

PERSON = {"name": "王小明", "birthday": "1990-05-01"}
WECHAT = [{"kind": "wechat_openid", "value": f"openid-{n}"} for n in range(2)]


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


def at(app: Flask, district: District) -> District:
    """The same district, spoken to through another process's settings."""
    return replace(district, api=Api.inside(app, OPERATOR_KEY))


def refresh(app: Flask, district: District, member_id: str) -> bool:
    with app.app_context(), unit_of_work(system_principal(district.id)) as uow:
        return refresh_keys(uow, queries.find_member(uow, member_id))


def identities(superuser: psycopg.Connection, member_id: str) -> list[tuple[str, int, int | None]]:
    """Kind, version of the index key, and version of the sealing key."""
    rows = superuser.execute(
        "SELECT kind, key_version, get_byte(value, 0) FROM member_identities WHERE member_id = %s ORDER BY 1, 2, 3",
        (member_id[4:],),
    ).fetchall()
    return [(kind, version, sealed) for kind, version, sealed in rows]


def sealed_under(superuser: psycopg.Connection, member_id: str) -> list[int]:
    """Versions of the keys that seal phone, name and birthday."""
    row = superuser.execute(
        "SELECT get_byte(phone, 0), get_byte(name, 0), get_byte(birthday, 0) FROM members WHERE id = %s",
        (member_id[4:],),
    ).fetchone()
    assert row is not None
    return list(row)


def test_a_phone_is_found_under_old_keys_and_makes_no_second_member(
    district: District, settings: Settings, product: Callable[..., Flask]
) -> None:
    phone = new_phone()
    member = enrol(district, phone=phone).ok(201)["id"]
    rotated = at(product(index_keys=f"{random_key(2)},{settings.index_keys}"), district)
    assert find(rotated, phone) == [member]
    assert enrol(rotated, phone=f"+86{phone}").ok(200)["id"] == member
    assert rotated.report(phone=phone).ok(201)["member_id"] == member


def test_a_member_of_the_new_keys_is_found_by_processes_that_have_them_in_another_order(
    district: District, settings: Settings, product: Callable[..., Flask], superuser: psycopg.Connection
) -> None:
    phone, new = new_phone(), random_key(2)
    first = at(product(index_keys=f"{new},{settings.index_keys}"), district)
    second = at(product(index_keys=f"{settings.index_keys},{new}"), district)
    member = enrol(first, phone=phone, identities=WECHAT[:1]).ok(201)["id"]
    assert identities(superuser, member) == [
        ("phone", 1, None),
        ("phone", 2, None),
        ("wechat_openid", 1, 1),
        ("wechat_openid", 2, 1),
    ]
    for process in (district, second):
        assert find(process, phone) == [member]
        assert enrol(process, phone=phone).ok(200)["id"] == member
        assert enrol(process, identities=WECHAT[:1]).code == "identity-taken"


def test_after_a_refresh_the_old_index_key_can_go(
    district: District, settings: Settings, product: Callable[..., Flask], superuser: psycopg.Connection
) -> None:
    phone, new = new_phone(), random_key(2)
    member = enrol(district, phone=phone, identities=WECHAT, **PERSON).ok(201)["id"]
    both = product(index_keys=f"{new},{settings.index_keys}")
    assert refresh(both, district, member) is True
    assert refresh(both, district, member) is False
    kinds = [(kind, version) for kind, version, _ in identities(superuser, member)]
    assert kinds == [("phone", 1), ("phone", 2), *[("wechat_openid", 1)] * 2, *[("wechat_openid", 2)] * 2]
    only = product(index_keys=new)
    alone = at(only, district)
    assert find(alone, phone) == [member]
    assert enrol(alone, phone=phone).ok(200)["id"] == member
    for identity in WECHAT:
        assert enrol(alone, identities=[identity]).code == "identity-taken"
    assert refresh(only, district, member) is True
    assert {version for _, version, _ in identities(superuser, member)} == {2}


def test_sales_wait_for_a_phone_across_a_rotation(
    district: District, settings: Settings, product: Callable[..., Flask]
) -> None:
    phone = new_phone()
    district.report(phone=phone).ok(201)
    rotated = at(product(index_keys=f"{random_key(2)},{settings.index_keys}"), district)
    member = enrol(rotated, phone=phone).ok(201)["id"]
    assert rotated.balance(member)["available"] == 128


def test_after_a_refresh_the_old_sealing_key_can_go(
    district: District, settings: Settings, product: Callable[..., Flask], superuser: psycopg.Connection
) -> None:
    new = random_key(7)
    whole = enrol(district, identities=WECHAT, **PERSON).ok(201)
    member = whole["id"]
    assert sealed_under(superuser, member) == [1, 1, 1]
    both = product(encryption_keys=f"{new},{settings.encryption_keys}")
    assert at(both, district).api.get(f"/v1/members/{member}", district.key).ok() == whole
    assert sealed_under(superuser, member) == [1, 1, 1], "reading seals nothing"
    assert refresh(both, district, member) is True
    assert refresh(both, district, member) is False
    assert sealed_under(superuser, member) == [7, 7, 7]
    assert identities(superuser, member) == [("phone", 1, None), *[("wechat_openid", 1, 7)] * 2]
    only = product(encryption_keys=new)
    assert at(only, district).api.get(f"/v1/members/{member}", district.key).ok() == whole
    assert refresh(only, district, member) is False


def test_after_a_refresh_codes_need_the_old_sealing_key_no_more(
    district: District, settings: Settings, product: Callable[..., Flask]
) -> None:
    new = random_key(7)
    both = product(encryption_keys=f"{new},{settings.encryption_keys}")
    with product().app_context():
        phone = new_phone_of(district)
        phone = phone_of(district, phone.member_id, renew=True)
    assert refresh(both, district, phone.member_id) is True
    assert refresh(both, district, phone.member_id) is False
    with product(encryption_keys=new).app_context():
        assert phone_of(district, phone.member_id) == phone


def test_without_a_refresh_the_old_sealing_key_is_needed(district: District, product: Callable[..., Flask]) -> None:
    member = enrol(district, **PERSON).ok(201)["id"]
    with pytest.raises(SealBroken):
        refresh(product(encryption_keys=random_key(7)), district, member)
    assert refresh(product(), district, member) is False


def test_a_member_without_a_name_is_refreshed_too(
    district: District, settings: Settings, product: Callable[..., Flask], superuser: psycopg.Connection
) -> None:
    member = enrol(district).ok(201)["id"]
    app = product(encryption_keys=f"{random_key(7)},{settings.encryption_keys}")
    assert refresh(app, district, member) is True
    assert sealed_under(superuser, member) == [7, None, None]


def test_who_has_lost_the_phone_is_refreshed_too(
    district: District, settings: Settings, product: Callable[..., Flask], superuser: psycopg.Connection
) -> None:
    """A number is recycled: the member keeps name, openid and code key, and they outlive the old sealing key."""
    with product().app_context():
        phone = new_phone_of(district, identities=WECHAT[:1], **PERSON)
        superuser.execute(
            "DELETE FROM member_identities WHERE member_id = %s AND kind = 'phone'", (phone.member_id[4:],)
        )
        superuser.execute("UPDATE members SET phone = NULL WHERE id = %s", (phone.member_id[4:],))
    new = random_key(7)
    both = product(encryption_keys=f"{new},{settings.encryption_keys}")
    with both.app_context(), unit_of_work(system_principal(district.id)) as uow:
        stale = queries.stale_members(uow, "mem_" + "0" * 32, 10)
        assert [one.id for one in stale] == [phone.member_id]
    assert refresh(both, district, phone.member_id) is True
    assert refresh(both, district, phone.member_id) is False
    only = product(encryption_keys=new)
    shown = at(only, district).api.get(f"/v1/members/{phone.member_id}", district.key).ok(200)
    assert (shown["name"], shown["masked_phone"]) == (PERSON["name"], None)
    with only.app_context():
        assert phone_of(district, phone.member_id) == phone


def test_a_field_moved_to_another_member_doesn_t_open(
    app: Flask, district: District, superuser: psycopg.Connection
) -> None:
    first, second = (enrol(district, **PERSON).ok(201)["id"] for _ in range(2))
    superuser.execute(
        "UPDATE members SET name = (SELECT name FROM members WHERE id = %s) WHERE id = %s", (first[4:], second[4:])
    )
    with pytest.raises(SealBroken):
        refresh(app, district, second)

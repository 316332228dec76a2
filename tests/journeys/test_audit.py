"""Who did what to what, when and from where: kept with the act, told to the alliance, changed by nobody."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import psycopg
import pytest
from psycopg import errors as pg

from app.config import Settings
from app.factory import create_app
from app.foundation import audit
from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.tenancy import Origin, Principal, system_principal
from app.keys import refresh
from tests.conftest import random_key
from tests.factories.api import Api
from tests.factories.clock import ago, ahead
from tests.factories.districts import District, new_phone
from tests.factories.lists import check_paging, ids
from tests.factories.points import base_rule, draft
from tests.factories.problems import check_problem

PATH = "/v1/audit-entries"


def entries(district: District, query: str = "") -> list[dict[str, Any]]:
    """The newest entries of a district's log."""
    listed: list[dict[str, Any]] = district.api.get(f"{PATH}?limit=100{query}", district.key).ok(200)["data"]
    return listed


def alliance_key_id(district: District) -> str:
    """The id of the key that this district's tests use."""
    keys = district.api.get("/v1/api-keys?limit=100", district.key).ok(200)["data"]
    return next(str(one["id"]) for one in keys if one["name"] == "alliance")


def test_an_entry_says_who_what_when_and_from_where(district: District) -> None:
    change = {"pending_days": 7, "late_sale_days": None, "point_value": "2"}
    headers = {"Request-Id": "console-17"}
    district.api.call("PATCH", "/v1/programme", change, key=district.key, headers=headers).ok(200)
    [entry, *_] = entries(district)
    assert {name: entry[name] for name in entry.keys() - {"id", "recorded_at"}} == {
        "object": "audit_entry",
        "actor": {"kind": "key", "id": alliance_key_id(district)},
        "action": "programme.changed",
        "subject": {"kind": "district", "id": district.id},
        "details": {
            "fields": ["late_sale_days", "pending_days", "point_value"],
            "pending_days": 7,
            "late_sale_days": None,
        },
        "request_id": "console-17",
        "from": "127.0.0.1",
    }
    assert entry["id"].startswith("aud_")
    assert ago(minutes=1) < entry["recorded_at"] < ahead(minutes=1)


def test_the_log_tells_a_district_s_story(district: District) -> None:
    rules = draft(district, base_rule()).ok(201)["id"]
    published = district.api.post(f"/v1/rule-sets/{rules}/publish", {}, district.key).ok(200)
    key = district.api.post(
        "/v1/api-keys", {"name": "till", "store_id": district.shop.store_id, "scopes": ["members:read"]}, district.key
    ).ok(201)
    district.api.call("DELETE", f"/v1/api-keys/{key['id']}", key=district.key).ok(200)
    told = [(one["action"], one["subject"]["kind"], one["subject"]["id"], one["details"]) for one in entries(district)]
    store = {"store_id": district.shop.store_id}
    assert told[:4] == [
        ("api_key.revoked", "api_key", key["id"], {}),
        ("api_key.created", "api_key", key["id"], {**store, "scopes": ["members:read"]}),
        ("rule_set.published", "rule_set", rules, {"version": published["version"]}),
        ("rule_set.drafted", "rule_set", rules, {}),
    ]
    assert told[-1][:3] == ("district.created", "district", district.id)
    assert {one[0] for one in told[4:-1]} == {"merchant.created", "store.created", "api_key.created"}


def test_what_the_operator_does_stands_in_that_district_s_log(
    district: District, other_district: District, api: Api
) -> None:
    before = entries(other_district)
    api.call("PATCH", f"/v1/districts/{district.id}", {"name": "新名字"}, key=api.operator_key).ok(200)
    [entry, *_] = entries(district)
    assert (entry["actor"], entry["action"]) == ({"kind": "operator", "id": None}, "district.changed")
    assert entry["details"] == {"fields": ["name"]}
    assert entries(other_district) == before


def test_the_same_request_again_and_refusals_leave_no_entry(district: District) -> None:
    body = {"name": "店", "code": "C303"}
    district.api.post("/v1/merchants", body, district.key, "once").ok(201)
    before = entries(district)
    assert before[0]["action"] == "merchant.created"
    assert district.api.post("/v1/merchants", body, district.key, "once").headers["Idempotent-Replayed"] == "true"
    check_problem(district.api.post("/v1/merchants", body, district.key), 409, "code-taken")
    check_problem(district.api.post("/v1/merchants", {"code": 7}, district.key), 422)
    check_problem(district.api.post("/v1/merchants", {**body, "code": "D4"}, district.shop.key), 403)
    district.api.call("PATCH", f"/v1/merchants/{district.shop.merchant_id}", {}, key=district.key).ok(200)
    district.report(member_id=district.member()).ok(201)
    assert entries(district) == before


def test_nothing_personal_is_kept(district: District, superuser: psycopg.Connection) -> None:
    phone, other, name = new_phone(), new_phone(), "欧阳娜娜"
    member = district.member(phone, name=name, birthday="1990-05-01")
    identity = {"kind": "wechat_openid", "value": "oX-personal-openid"}
    change = {"phone": other, "name": name * 2, "birthday": "1991-06-02", "identities": [identity]}
    change["reason"] = "lost by 欧阳娜娜"
    district.api.call("PATCH", f"/v1/members/{member}", change, key=district.key).ok(200)
    consent = {"controller": district.shop.merchant_id, "purpose": "marketing", "version": "1", "granted": False}
    given = district.api.post(f"/v1/members/{member}/consents", consent, district.key).ok(201)
    told = entries(district, f"&subject_id={member}")
    assert [(one["action"], one["details"]) for one in told] == [
        (
            "consent.recorded",
            {"controller": district.shop.merchant_id, "granted": False, "consent_id": given["id"]},
        ),
        ("member.changed", {"fields": ["birthday", "identities", "name", "phone", "reason"]}),
    ]
    rows = superuser.execute("SELECT e::text FROM audit_entries AS e").fetchall()
    everything = "\n".join(row for (row,) in rows)
    for personal in (phone, other, name, "1990-05-01", "1991-06-02", 'openid": ', identity["value"], change["reason"]):
        assert personal not in everything


def test_the_list_pages_and_filters(district: District) -> None:
    listed = entries(district)
    check_paging(district.api, PATH, district.key, ids({"data": listed}))
    made = [one for one in listed if one["action"] == "merchant.created"]
    assert len(made) == 2
    assert entries(district, "&action=merchant.created") == made
    assert entries(district, f"&subject_id={district.shop.merchant_id}") == made[1:]
    by_key = [one for one in listed if one["actor"]["id"] == alliance_key_id(district)]
    assert entries(district, f"&actor_id={alliance_key_id(district)}") == by_key
    assert len(by_key) == len(listed) - 1
    middle = listed[3]["recorded_at"]
    assert entries(district, f"&from={middle}") == listed[:4]
    assert entries(district, f"&to={middle}") == listed[4:]
    assert entries(district, f"&from={ahead(hours=1)}") == []
    for wrong in ("subject_id=me", "actor_id=key_1"):
        check_problem(district.api.get(f"{PATH}?{wrong}", district.key), 404, "not-found")


def test_no_other_district_and_no_shop_reads_it(district: District, other_district: District) -> None:
    for subject in (district.id, district.shop.merchant_id, alliance_key_id(district)):
        assert entries(other_district, f"&subject_id={subject}") == []
        assert entries(other_district, f"&actor_id={subject}") == []
    check_problem(district.api.get(PATH, district.shop.key), 403, "forbidden")
    check_problem(district.api.get(PATH, district.api.operator_key), 403, "forbidden")


@pytest.mark.usefixtures("context")
def test_jobs_and_commands_act_without_a_request(district: District) -> None:
    with unit_of_work(system_principal(district.id)) as uow:
        audit.record(uow, "points.expired", district.id, {"points": 3})
    [entry, *_] = entries(district)
    assert (entry["actor"], entry["details"]) == ({"kind": "system", "id": None}, {"points": 3})
    assert (entry["request_id"], entry["from"]) == (None, None)


@pytest.mark.usefixtures("context")
def test_where_a_member_was_is_not_kept(district: District) -> None:
    member = district.member()
    origin = Origin("phone-1", "203.0.113.7")
    with unit_of_work(Principal("member", member, district.id), origin=origin) as uow:
        audit.record(uow, "member.spend_locked", member)
    [entry, *_] = entries(district, f"&actor_id={member}")
    assert entry["actor"] == {"kind": "member", "id": member}
    assert (entry["request_id"], entry["from"]) == ("phone-1", None)


@pytest.mark.usefixtures("context")
def test_an_entry_goes_with_its_act(district: District) -> None:
    before = entries(district)
    with pytest.raises(ZeroDivisionError), unit_of_work(system_principal(district.id)) as uow:
        audit.record(uow, "points.expired", district.id)
        raise ZeroDivisionError
    assert entries(district) == before


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize("verb", ["UPDATE audit_entries SET action = ''", "DELETE FROM audit_entries"])
def test_the_product_itself_can_t_change_it(district: District, verb: str) -> None:
    before = entries(district)
    with pytest.raises(pg.InsufficientPrivilege), unit_of_work(system_principal(district.id)) as uow:
        uow.execute(verb)
    assert entries(district) == before


def test_new_keys_are_told_once(district: District, settings: Settings) -> None:
    district.member(name="n")
    renewed = create_app(replace(settings, encryption_keys=f"{random_key(9)},{settings.encryption_keys}"))
    with renewed.app_context():
        for _ in range(2):
            list(refresh())
    try:
        told = [one["details"] for one in entries(district) if one["action"] == "district.keys_refreshed"]
        assert told == [{"members": 1, "secrets": 0, "waiting": 0, "accounts": 0}]
    finally:  # other tests read what is sealed under the keys that they know
        back = f"{settings.encryption_keys},{renewed.extensions['quantong'].settings.encryption_keys.split(',')[0]}"
        with create_app(replace(settings, encryption_keys=back)).app_context():
            list(refresh())


FORWARDED = "198.51.100.9, 203.0.113.7, 10.0.0.2"


@pytest.mark.parametrize(
    ("proxies", "header", "told"),
    [
        (0, FORWARDED, "127.0.0.1"),
        (1, FORWARDED, "10.0.0.2"),
        (2, FORWARDED, "203.0.113.7"),
        (4, FORWARDED, "127.0.0.1"),
        (1, None, "127.0.0.1"),
        (1, "::ffff:203.0.113.7", "203.0.113.7"),
        (1, "2001:DB8::0:1", "2001:db8::1"),
        (1, "13800000000", None),
    ],
)
def test_an_address_comes_from_proxies_that_are_trusted_and_from_no_one_else(
    district: District, settings: Settings, proxies: int, header: str | None, told: str | None
) -> None:
    behind = Api.inside(create_app(replace(settings, trusted_proxies=proxies)), settings.operator_key)
    headers = {"X-Forwarded-For": header, "X-Forwarded-Host": "evil", "X-Real-IP": "1.1.1.1"} if header else {}
    body = {"name": "x", "code": f"X{proxies}"}
    behind.call("POST", "/v1/merchants", body, key=district.key, headers=headers).ok(201)
    assert entries(district)[0]["from"] == told


def test_the_server_tells_where_a_call_came_from(district: District, live: Api) -> None:
    live.post("/v1/merchants", {"name": "x", "code": "L1"}, district.key).ok(201)
    assert entries(district)[0]["from"] == "127.0.0.1"

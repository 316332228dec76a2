"""Whoever is erased is forgotten wherever something was written of them, and the books still balance."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from redis import Redis

from app.config import Settings
from tests.factories.books import broken
from tests.factories.checksums import checksums
from tests.factories.districts import District, new_phone
from tests.factories.points import adjust, base_rule, figures, new_version
from tests.factories.refunds import give_back, refund
from tests.factories.transactions import age

pytestmark = pytest.mark.usefixtures("context")
IDENTITY = {"kind": "wechat_openid", "value": "o6_erase_me_please"}
NAME = "欧阳锋仔"


def erase(district: District, member: str) -> dict[str, Any]:
    gone: dict[str, Any] = district.api.delete(f"/v1/members/{member}", district.key).ok(200)
    return gone


def sell(district: District, member: str, amount: int, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = district.report(member_id=member, amount=amount, **more).ok(201)
    return made


def everything_queued(redis_url: str) -> str:
    """All that Valkey holds: jobs, limits, whatever it is."""
    connection = Redis.from_url(redis_url)
    read = {
        b"string": connection.get,
        b"hash": connection.hgetall,
        b"list": lambda key: connection.lrange(key, 0, -1),
        b"set": connection.smembers,
        b"zset": lambda key: connection.zrange(key, 0, -1),
        b"stream": connection.xrange,
    }
    return repr(
        [(key, read[connection.type(key)](key)) for key in connection.scan_iter() if connection.type(key) in read]
    )


def where_found(superuser: psycopg.Connection, settings: Settings, *needles: str) -> set[str]:
    """Tables, and whether the queues, in which one of the texts stands."""
    tables = superuser.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'outbox\\_%'"
    ).fetchall()
    query = "SELECT EXISTS (SELECT FROM {} AS t WHERE t::text LIKE ANY(%s))"
    patterns = [f"%{needle}%" for needle in needles]
    found = {table for (table,) in tables if superuser.execute(query.format(table), (patterns,)).fetchone() == (True,)}
    queued = everything_queued(settings.redis_url)
    return found | {"queues" for needle in needles if needle in queued}


def prints_kept(superuser: psycopg.Connection, member: str) -> set[bytes]:
    """What tells the reports of a member's sales, and of their refunds, from others."""
    query = """
        SELECT body_print FROM transactions WHERE member_id = %(member)s UNION
        SELECT r.body_print FROM refunds AS r JOIN transactions AS t ON t.id = r.transaction_id
        WHERE t.member_id = %(member)s
    """
    return {bytes(print_) for (print_,) in superuser.execute(query, {"member": member[4:]})}


def test_erasure_forgets_the_person_and_keeps_the_books(
    district: District, superuser: psycopg.Connection, settings: Settings
) -> None:
    phone = new_phone()
    note = f"{NAME} {phone}"
    waiting = district.report(phone=phone, metadata={"note": note}).ok(201)
    give_back(district, waiting["id"], 100, reason=note)
    age(superuser, waiting["id"], days=31)
    member = district.member(
        phone, name=NAME, birthday="1990-05-01", identities=[IDENTITY], tags=[NAME], store_id=district.shop.store_id
    )
    item = {"sku": "CAKE-8", "name": f"蛋糕「{NAME}」", "category": "cakes", "quantity": 2, "amount": 10_000}
    items = [item, {"amount": 0}]
    sale = district.report(phone=phone, amount=10_000, metadata={"note": note}, items=items).ok(201)
    spent = sell(district, member, 60, points_to_spend=60, eligible_amount=0)
    returned = refund(district, idempotency_key="back", transaction_id=sale["id"], amount=9_000, reason=note)
    batch = {"refunds": [{"reference": "R-B", "transaction_id": sale["id"], "amount": 1_000, "reason": note}]}
    district.api.post("/v1/refunds/batch", batch, district.key, "batch").ok(200)
    adjust(district, member, 5, reason=note)
    sell(district, member, 1_000)
    other_sale = sell(district, member, 30_000)
    written = {"members", "transactions", "refunds", "adjustments"}
    assert where_found(superuser, settings, phone, NAME, IDENTITY["value"]) == written
    gone = erase(district, member)
    nothing = {"status": "erased", "name": None, "masked_phone": None, "birthday": None, "tags": []}
    assert gone.items() >= nothing.items()
    assert figures(district, member) == (0, 0, 0)
    assert broken(district.id) == {}
    assert where_found(superuser, settings, phone, NAME, IDENTITY["value"]) == set()
    kept = district.api.get(f"/v1/transactions/{sale['id']}", district.key).ok()
    assert (kept["items"], kept["metadata"]) == ([{**item, "name": None}, sale["items"][1]], {})
    body = {"reference": returned.body["reference"], "transaction_id": sale["id"], "amount": 9_000, "reason": note}
    again = district.api.post("/v1/refunds", body, district.key, "back")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.ok(201) == {**returned.body, "reason": None}
    assert refund(district, reference="R-B", transaction_id=sale["id"], amount=1_000, reason=note).status == 200
    assert refund(district, reference="R-B", transaction_id=sale["id"], amount=999).code == "refund-reference-conflict"
    assert prints_kept(superuser, member) == {b""}
    told = {"reference": sale["reference"], "phone": phone, "metadata": {"note": note}, "items": items}
    assert district.report(**told, amount=10_000).ok(200)["id"] == sale["id"]
    assert district.report(**told, amount=10_001).code == "reference-conflict"
    refused = district.report(member_id=member)
    assert (refused.status, refused.pointers) == (404, {"/member_id"})
    assert erase(district, member) == gone
    assert district.api.get(f"/v1/members?phone={phone}", district.key).ok()["data"] == []
    back = give_back(district, other_sale["id"], 30_000, reason=note)
    assert (back["points_reversed"], back["points_forgiven"], back["points_owed"]) == (300, 300, 0)
    assert back["reason"] is None
    assert prints_kept(superuser, member) == {b""}
    assert give_back(district, spent["id"], 60)["points_restored"] == 60
    assert figures(district, member) == (0, 0, 0)
    assert broken(district.id) == {}
    assert refund(district, transaction_id=spent["id"], amount=1).status == 422
    assert where_found(superuser, settings, phone, NAME) == set()


def test_what_was_written_of_a_merged_member_goes_with_the_survivor(
    district: District, superuser: psycopg.Connection, settings: Settings
) -> None:
    old, survivor, bystander = (district.member(tags=[tag]) for tag in (NAME, "vip", "staff"))
    for member, text in ((old, NAME), (survivor, NAME), (bystander, "系统故障补偿")):
        sale = sell(district, member, 10_000, metadata={"note": text})
        give_back(district, sale["id"], 100, reason=text)
        adjust(district, member, 5, reason=text)
    district.api.post(f"/v1/members/{old}/merge", {"into": survivor}, district.key).ok(200)
    erase(district, survivor)
    assert where_found(superuser, settings, NAME) == set()
    stays = where_found(superuser, settings, "系统故障补偿")
    assert stays == {"transactions", "refunds", "adjustments"}
    assert district.api.get(f"/v1/members/{bystander}", district.key).ok()["tags"] == ["staff"]
    assert broken(district.id) == {}


def test_nothing_is_written_of_who_is_erased(district: District, superuser: psycopg.Connection) -> None:
    member = district.member(name=NAME)
    erase(district, member)
    before = district.api.get(f"/v1/members/{member}/export", district.key).ok()
    changes = (
        {"name": NAME},
        {"birthday": "1990-05-01"},
        {"phone": new_phone(), "reason": "lost"},
        {"identities": [IDENTITY]},
        {"tags": ["vip"]},
    )
    replies = [district.api.patch(f"/v1/members/{member}", body, district.key) for body in changes]
    acts = {
        "points/adjustments": {"points": 5, "reason": "goodwill"},
        "consents": {"controller": "district", "purpose": "marketing", "version": "1"},
        "freeze": {},
        "spend-lock": {},
        "merge": {"into": district.member()},
    }
    replies += [district.api.post(f"/v1/members/{member}/{verb}", body, district.key) for verb, body in acts.items()]
    assert {reply.status for reply in replies} == {404}
    after = district.api.get(f"/v1/members/{member}/export", district.key).ok()
    assert {**after, "exported_at": None} == {**before, "exported_at": None}
    assert broken(district.id) == {}


def test_an_erasure_that_is_repeated_changes_nothing(
    district: District, other_district: District, superuser: psycopg.Connection
) -> None:
    old, member = district.member(), district.member(key=district.shop.key)
    district.api.post(f"/v1/members/{old}/merge", {"into": member}, district.key).ok(200)
    sell(district, member, 10_000)
    first = erase(district, member)
    kept = checksums(superuser, district.id)
    assert erase(district, member) == first
    assert erase(district, old) == first, "both ids are one member's"
    stranger, unknown = (
        district.api.delete(f"/v1/members/{one}", other_district.key) for one in (member, f"mem_{'0' * 32}")
    )
    assert (stranger.status, unknown.status) == (404, 404)
    assert {**stranger.body, "request_id": ""} == {**unknown.body, "request_id": ""}
    assert district.api.delete(f"/v1/members/{member}", district.shop.key).status == 403
    assert checksums(superuser, district.id) == kept
    events = [one["type"] for one in district.api.get("/v1/events?limit=100", district.key).ok()["data"]]
    assert events.count("member.erased") == 1
    assert broken(district.id) == {}


def test_who_leaves_and_returns_is_nobody_s_first_customer(district: District) -> None:
    first = {"min_amount": 100, "first_in_district": True}
    new_version(
        district,
        base_rule(),
        {"key": "welcome", "kind": "bonus", "name": "Welcome", "points": 500, "conditions": first},
    )
    phone = new_phone()
    member = district.member(phone)
    assert sell(district, member, 1_000)["points_earned"] == 510
    erase(district, member)
    again = district.member(phone)
    assert again != member
    sale = sell(district, again, 1_000)
    assert sale["points_earned"] == 10
    assert sale["explanation"][1]["code"] == "not-first-in-district"
    assert sell(district, district.member(), 1_000)["points_earned"] == 510

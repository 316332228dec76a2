"""Members' rights: frozen, locked, merged, exported, erased."""

from __future__ import annotations

from typing import Any

import pytest

from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.tenancy import system_principal
from app.points import adjusting
from tests.factories.books import broken
from tests.factories.districts import District, new_phone
from tests.factories.points import adjust, base_rule, bonus, change_programme, entries, figures, new_version
from tests.factories.refunds import give_back, refund
from tests.factories.shoppers import signed_in

pytestmark = pytest.mark.usefixtures("context")


def act(district: District, member: str, verb: str, body: dict[str, Any] | None = None, key: str | None = None) -> Any:
    return district.api.post(f"/v1/members/{member}/{verb}", body or {}, key or district.key)


def sell(district: District, member: str, amount: int, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = district.report(member_id=member, amount=amount, **more).ok(201)
    return made


def spend(district: District, member: str, points: int) -> dict[str, Any]:
    return sell(district, member, points, points_to_spend=points, eligible_amount=0)


def test_what_takes_no_fields_refuses_them(district: District) -> None:
    member = district.member()
    refused = act(district, member, "freeze", {"reason": "x"})
    assert (refused.status, refused.body["errors"][0]["pointer"]) == (422, "/reason")
    assert district.api.get(f"/v1/members/{member}", district.key).ok()["status"] == "active"


def test_a_frozen_member_earns_and_is_refunded_but_cannot_spend_or_claim(district: District) -> None:
    member = district.member()
    sale = sell(district, member, 10_000)
    unclaimed = district.report().ok(201)
    assert act(district, member, "freeze").ok(200)["status"] == "frozen"
    assert act(district, member, "freeze").ok(200)["status"] == "frozen"
    refused = district.report(member_id=member, amount=100, points_to_spend=1)
    assert (refused.status, refused.code) == (409, "member-frozen")
    claim = district.api.post(f"/v1/transactions/{unclaimed['id']}/claim", {"member_id": member}, district.key)
    assert (claim.status, claim.code) == (409, "member-frozen")
    assert sell(district, member, 1_000)["points_earned"] == 10
    assert give_back(district, sale["id"], 5_000)["points_reversed"] == 50
    assert act(district, member, "unfreeze").ok(200)["status"] == "active"
    assert act(district, member, "unfreeze").ok(200)["status"] == "active"
    spend(district, member, 1)
    entries = district.api.get("/v1/audit-entries?limit=100", district.key).ok()["data"]
    acts = [one["action"] for one in entries if one["subject"]["id"] == member]
    assert (acts.count("member.frozen"), acts.count("member.unfrozen")) == (1, 1)
    events = [one["type"] for one in district.api.get("/v1/events?limit=100", district.key).ok()["data"]]
    assert (events.count("member.frozen"), events.count("member.unfrozen")) == (1, 1)
    assert act(district, member, "freeze", key=district.shop.key).status == 403


def test_a_spend_lock_lasts_until_it_is_lifted(district: District) -> None:
    member = district.member()
    sell(district, member, 10_000)
    assert act(district, member, "spend-lock").ok(200)["locked"] is True
    assert district.balance(member)["spend_locked"] is True
    refused = district.report(member_id=member, amount=100, points_to_spend=1)
    assert (refused.status, refused.code) == (409, "spend-locked")
    assert act(district, member, "spend-lock", {"locked": False}).ok(200)["locked"] is False
    assert district.balance(member)["spend_locked"] is False
    spend(district, member, 1)


def test_a_merge_strands_nothing_and_both_ids_answer(district: District) -> None:
    """Points, debts and sales of both are the survivor's, to whom either id leads."""
    phones = [new_phone(), new_phone()]
    old, new = (district.member(phone, key=district.key) for phone in phones)
    first = sell(district, old, 10_000, store_id=district.other_shop.store_id)
    spent = spend(district, old, 40)
    sell(district, new, 5_000)
    adjust(district, old, 7)
    preview = district.api.get(f"/v1/members/{old}/merge-preview?into={new}", district.key).ok(200)
    assert preview["after"] == {"available": 117, "pending": 0, "owed": 0}
    assert preview["refused_because"] is None
    merged = act(district, old, "merge", {"into": new}).ok(200)
    assert merged["id"] == new
    assert {one["merchant_id"] for one in merged["memberships"]} == {
        district.shop.merchant_id,
        district.other_shop.merchant_id,
    }
    assert figures(district, new) == figures(district, old) == (117, 0, 0)
    assert district.api.get(f"/v1/members/{old}", district.key).ok()["id"] == new
    assert [district.api.get(f"/v1/members?phone={phone}", district.key).ok()["data"][0]["id"] for phone in phones] == [
        new,
        new,
    ]
    assert district.member(phones[0]) == new, "one phone is one member, still"
    assert sell(district, old, 1_000)["member_id"] == new
    assert district.report(phone=phones[0], amount=1_000).ok(201)["member_id"] == new
    assert give_back(district, first["id"], 10_000)["points_owed"] == 40
    assert give_back(district, spent["id"], 40)["points_restored"] == 40
    assert district.balance(new)["lifetime"]["earned"] == 100 + 50 + 20
    assert [one["code"] for one in entries(district, new)].count("merge") == 2
    sales = [district.api.get(f"/v1/transactions?member_id={member}", district.key).ok() for member in (old, new)]
    assert sales[0] == sales[1]
    assert [one["member_id"] for one in sales[0]["data"]] == [new] * 5
    assert act(district, old, "merge", {"into": new}).status == 422, "they are one already"
    assert broken(district.id) == {}


def test_a_merged_member_s_id_spends_what_the_survivor_has(district: District) -> None:
    oldest, old, new = (district.member() for _ in range(3))
    sell(district, oldest, 10_000)
    sell(district, new, 5_000)
    act(district, oldest, "merge", {"into": old}).ok(200)
    assert spend(district, oldest, 10)["member_id"] == old
    act(district, old, "merge", {"into": new}).ok(200)
    assert spend(district, old, 20)["balance"] == {"available": 120, "pending": 0, "owed": 0}
    sales = [district.sale(member_id=one, amount=100, points_to_spend=30) for one in (new, old, oldest, new, old)]
    answer = district.api.post("/v1/transactions/batch", {"transactions": sales}, district.key).ok(200)
    assert [one["status"] for one in answer["results"]] == [201, 201, 201, 201, 422]
    assert figures(district, new) == (0, 0, 0)
    assert broken(district.id) == {}


def test_a_merge_moves_debts_and_the_lock(district: District) -> None:
    old, new = district.member(), district.member()
    sale = sell(district, old, 10_000)
    spend(district, old, 100)
    give_back(district, sale["id"], 10_000)
    act(district, old, "spend-lock").ok()
    sell(district, new, 3_000)
    act(district, old, "merge", {"into": new}).ok(200)
    assert figures(district, new) == (30, 0, 100)
    assert district.report(member_id=new, amount=100, points_to_spend=1).code == "spend-locked"
    assert sell(district, new, 20_000)["balance"] == {"available": 130, "pending": 0, "owed": 0}
    assert broken(district.id) == {}


def test_who_adjusts_while_a_merge_is_under_way_adjusts_the_survivor(district: District) -> None:
    """The old id was read before the merge and its balance after it."""
    old, new = district.member(), district.member()
    sell(district, old, 1_000)
    act(district, old, "merge", {"into": new}).ok(200)
    for points in (7, -12):
        with unit_of_work(system_principal(district.id)) as uow:
            row, _ = adjusting.adjust(uow, old, points=points, reason="goodwill")
            assert row.member_id == new
    assert figures(district, new) == (5, 0, 0)
    assert broken(district.id) == {}


def test_a_withdrawn_consent_wins(district: District) -> None:
    old, new = district.member(), district.member()
    said = {"controller": "district", "purpose": "marketing", "version": "1"}
    for member, granted in ((new, True), (old, False)):
        act(district, member, "consents", {**said, "granted": granted}).ok(201)
    act(district, old, "consents", {**said, "purpose": "membership", "granted": True}).ok(201)
    act(district, old, "merge", {"into": new}).ok(200)
    told = district.api.get(f"/v1/members/{new}/export", district.key).ok()["consents"]
    assert [(one["purpose"], one["granted"], one["way"]) for one in told][-2:] == [
        ("marketing", False, "merge"),
        ("membership", True, "merge"),
    ]


def test_tags_go_to_the_survivor(district: District) -> None:
    """Whoever had the points of a group has them still."""
    only_vip = {"tags": ["vip"]}
    new_version(district, base_rule(), bonus("vip", 30, conditions=only_vip))
    old, new = district.member(tags=["vip", "press"]), district.member(tags=["press", "staff"])
    assert act(district, old, "merge", {"into": new}).ok(200)["tags"] == ["press", "staff", "vip"]
    assert sell(district, old, 1_000)["points_earned"] == 40


def test_caps_used_go_to_the_survivor(district: District) -> None:
    new_version(district, base_rule(caps={"per_member_per_day": 100, "per_member_total": 150}))
    old, new = district.member(), district.member()
    sell(district, old, 6_000)
    sell(district, new, 3_000)
    act(district, old, "merge", {"into": new}).ok(200)
    assert sell(district, new, 5_000)["points_earned"] == 10
    assert broken(district.id) == {}


def test_frozen_members_are_not_merged(district: District) -> None:
    old, new = district.member(), district.member()
    act(district, old, "freeze").ok()
    assert district.api.get(f"/v1/members/{old}/merge-preview?into={new}", district.key).ok()["refused_because"] == (
        "member-frozen"
    )
    for one, other in ((old, new), (new, old)):
        refused = act(district, one, "merge", {"into": other})
        assert (refused.status, refused.code) == (409, "member-frozen")
    assert district.api.get(f"/v1/members/{old}", district.key).ok()["id"] == old


def test_a_merge_into_a_stranger_is_refused(district: District, other_district: District) -> None:
    member, foreign = district.member(), other_district.member()
    refused = act(district, member, "merge", {"into": foreign})
    assert (refused.status, refused.pointers) == (404, {"/into"})
    assert act(district, foreign, "merge", {"into": member}).status == 404
    assert act(district, member, "merge", {"into": member}).status == 422


def test_everything_is_exported(district: District) -> None:
    phone = new_phone()
    identity = {"kind": "wechat_openid", "value": "o6_bmjrPTlm6_2sgVt7hMZOPfL2M"}
    member = district.member(phone, name="王芳", birthday="1990-05-01", identities=[identity])
    sale = sell(district, member, 10_000)
    give_back(district, sale["id"], 1_000)
    adjusted = {"points": 7, "reason": "补偿"}
    district.api.post(f"/v1/members/{member}/points/adjustments", adjusted, district.key).ok(201)
    told = district.api.get(f"/v1/members/{member}/export", district.key)
    assert told.headers["Cache-Control"] == "no-store"
    body = told.ok(200)
    assert (body["phone"], body["member"]["name"]) == (f"+86{phone}", "王芳")
    assert [(one["kind"], one["value"]) for one in body["identities"]] == [tuple(identity.values())]
    assert [len(body[name]) for name in ("entries", "transactions", "refunds")] == [3, 1, 1]
    assert [(one["points"], one["reason"]) for one in body["adjustments"]] == [(7, "补偿")]
    page = district.api.get(f"/v1/members/{member}/export/page", district.key)
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_what_was_before_a_merge_is_exported_too(district: District) -> None:
    old, new = district.member(), district.member()
    said = {"controller": "district", "purpose": "marketing", "version": "1", "granted": True}
    for member in (old, new):
        act(district, member, "consents", said).ok(201)
        signed_in(district.id, member)
        give_back(district, sell(district, member, 10_000)["id"], 1_000)
    act(district, old, "merge", {"into": new}).ok(200)
    told = district.api.get(f"/v1/members/{new}/export", district.key).ok(200)
    assert [one["code"] for one in told["entries"]].count("earn") == 2
    assert [len(told[name]) for name in ("consents", "sessions", "refunds")] == [2, 2, 2]
    district.api.delete(f"/v1/members/{new}", district.key).ok(200)
    assert district.api.get(f"/v1/members/{new}/export", district.key).ok(200)["sessions"] == []


def test_a_merged_member_s_refund_is_the_survivor_s(district: District) -> None:
    old, new = district.member(), district.member()
    sale = sell(district, old, 10_000)
    body = {"transaction_id": sale["id"], "reference": "RF-merged", "amount": 1_000}
    first = refund(district, **body).ok(201)
    act(district, old, "merge", {"into": new}).ok(200)
    balance = {"available": 90, "pending": 0, "owed": 0}
    again, read = refund(district, **body).ok(200), district.api.get(f"/v1/refunds/{first['id']}", district.key).ok()
    assert again == read == {**first, "member_id": new, "balance": balance}


def test_a_lock_is_on_the_page_to_read(district: District) -> None:
    member = district.member()
    act(district, member, "spend-lock").ok(200)
    page: str = district.api.get(f"/v1/members/{member}/export/page", district.key).ok(200)
    assert "已锁定" in page.encode("latin-1").decode()


def test_a_change_of_terms_reaches_a_frozen_member_alike(district: District) -> None:
    member = district.member()
    change_programme(district, refund_policy="forgive")
    sale = sell(district, member, 10_000)
    spend(district, member, 100)
    act(district, member, "freeze").ok()
    assert give_back(district, sale["id"], 10_000)["points_forgiven"] == 100


def test_one_person_is_one_member_through_whatever_channel(district: District) -> None:
    """A phone at one shop, a wechat openid at another, then both together."""
    phone, openid = new_phone(), {"kind": "wechat_openid", "value": "o6_two_channels"}
    member = district.member(phone, key=district.shop.key, store_id=district.shop.store_id)
    assert district.member(f"+86 {phone[:3]} {phone[3:7]} {phone[7:]}", key=district.other_shop.key) == member
    assert district.member(phone, identities=[openid]) == member
    other = {"phone": new_phone(), "identities": [openid]}
    refused = district.api.post("/v1/members", other, district.key)
    assert (refused.status, refused.code) == (409, "identity-taken")

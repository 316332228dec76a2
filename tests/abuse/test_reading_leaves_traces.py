"""Who reads a person's data with a key, or spends and claims on a person's behalf, stands in the audit log."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.factories.codes import phone_of, resolve
from tests.factories.districts import District, new_phone
from tests.factories.members import enrol
from tests.factories.points import adjust, change_programme
from tests.factories.shoppers import signed_in

pytestmark = pytest.mark.usefixtures("context")
READS = {
    "": "member.read",
    "/points": "member.points_read",
    "/points/entries": "member.entries_read",
    "/export": "member.exported",
    "/export/page": "member.exported",
    "/merge-preview?into={other}": "member.merge_previewed",
}


def entries(district: District, action: str) -> list[Any]:
    page = district.api.get("/v1/audit-entries?limit=100", district.key).ok()
    return [one for one in page["data"] if one["action"] == action]


@pytest.mark.parametrize(("path", "action"), READS.items())
def test_each_read_of_a_person_leaves_one_entry(district: District, path: str, action: str) -> None:
    """A key that reads a member, its points, their history or an export is named, with ids and nothing else."""
    phone = new_phone()
    member, other = enrol(district, phone=phone, name="王小芳").ok(201)["id"], district.member()
    whole = f"/v1/members/{member}{path.format(other=other)}"
    district.api.call("GET", whole, None, key=district.key)
    [entry] = entries(district, action)
    assert entry["subject"]["id"] == member
    assert entry["actor"]["id"].startswith("key_")
    told = json.dumps(entry, ensure_ascii=False)
    assert not {one for one in (phone, phone[-4:], "王小芳") if f'"{one}"' in told}


@pytest.mark.parametrize("path", ["", "/points", "/points/entries", "/export"])
def test_who_reads_itself_leaves_none(district: District, path: str) -> None:
    """A shopper's own reading is nobody's business."""
    member = district.member()
    token = signed_in(district.id, member).access_token
    district.api.get(f"/v1/members/{member}{path}", token).ok(200)
    assert entries(district, READS[path]) == []


def test_a_refused_read_leaves_none(district: District) -> None:
    """What wasn't read isn't told as read."""
    phone = new_phone()
    member = enrol(district, phone=phone).ok(201)["id"]
    enrol(district, district.shop.key, phone=phone).ok(200)
    district.api.get(f"/v1/members/{member}/points", district.shop.key)
    assert entries(district, "member.points_read") == []


def test_a_list_leaves_one_entry_for_all_that_it_showed(district: District) -> None:
    """One call, one entry: the ids of whom a page or a phone showed; a phone that is nobody's leaves none."""
    phone, key = new_phone(), district.shop.key
    members = [enrol(district, key, phone=one).ok(201)["id"] for one in (new_phone(), new_phone(), phone)]
    district.api.get("/v1/members", key).ok(200)
    district.api.get(f"/v1/members?phone={phone}", key).ok(200)
    district.api.get(f"/v1/members?phone={new_phone()}", key).ok(200)
    by_phone, whole = entries(district, "members.listed")
    assert by_phone["details"]["member_ids"] == [members[2]]
    assert whole["details"]["member_ids"] == members[::-1]
    assert phone not in json.dumps(by_phone)


def test_spending_without_a_code_is_told(district: District) -> None:
    """Points that only the key's scope let it spend are in the log, once, with the sale; spending by code isn't."""
    member = district.member()
    adjust(district, member, 300)
    body = {"points_to_spend": 100, "member_id": member}
    sale = district.sale(**body)
    for _ in range(2):
        spent = district.api.post("/v1/transactions", sale, district.key).ok()
    [entry] = entries(district, "points.spent_unproven")
    assert (entry["subject"]["id"], entry["details"]) == (member, {"transaction_id": spent["id"], "points": 100})
    assert entry["actor"]["id"].startswith("key_")
    assert entry["request_id"]
    token = resolve(district, phone_of(district, member).code()).ok(200)["presence_token"]
    district.report(key=district.shop.key, presence_token=token, points_to_spend=50).ok(201)
    change_programme(district, spend_proof="any")
    district.report(key=district.shop.key, member_id=member, points_to_spend=50).ok(201)
    assert len(entries(district, "points.spent_unproven")) == 1


def test_a_receipt_that_a_key_gives_away_is_told(district: District) -> None:
    """Who claims a sale for a member is named; a member who claims its own receipt isn't."""
    member = district.member()
    sale = district.report(key=district.shop.key).ok(201)["id"]
    for _ in range(2):
        district.api.post(f"/v1/transactions/{sale}/claim", {"member_id": member}, district.shop.key).ok(200)
    [entry] = entries(district, "transaction.claimed")
    assert (entry["subject"]["id"], entry["details"]["member_id"]) == (sale, member)
    url = district.report(key=district.shop.key).ok(201)["claim_url"]
    token = signed_in(district.id, member).access_token
    district.api.post("/v1/claims", {"secret": url.rpartition("/")[2]}, token).ok(200)
    assert len(entries(district, "transaction.claimed")) == 1

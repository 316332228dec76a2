"""Complaints: one's own, about one's own purchase, answered once by who is answerable for the sale, and forgotten with
who made them."""

from __future__ import annotations

import pytest

from app.care.cases.services import MOST_A_DAY
from tests.factories.api import Reply
from tests.factories.cases import MISSING, complain
from tests.factories.districts import District
from tests.factories.problems import check_problem
from tests.factories.shoppers import signed_in

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def member(district: District) -> str:
    return district.member()


@pytest.fixture
def sale(district: District, member: str) -> str:
    return str(district.report(member_id=member).ok(201)["id"])


def seen(district: District, key: str) -> list[str]:
    return [one["id"] for one in district.api.get("/v1/cases", key).ok()["data"]]


def answer(district: District, case_id: str, key: str) -> Reply:
    return district.api.post(f"/v1/cases/{case_id}/answer", {"answer": "已补 20 积分"}, key)


def test_nobody_complains_of_another_s_purchase(district: District, member: str, sale: str) -> None:
    """Nor of one that is nobody's, or of another district; the refusals are the same."""
    other, unclaimed = district.member(), district.report().ok(201)["id"]
    refused = [complain(district, other, sale), complain(district, member, unclaimed)]
    assert {(one.status, one.body["errors"][0]["pointer"]) for one in refused} == {(404, "/transaction_id")}
    assert seen(district, district.key) == []


def test_keys_and_staff_don_t_complain_for_anybody(district: District, sale: str) -> None:
    """Only who is signed in as a shopper."""
    check_problem(district.api.post("/v1/cases", {"transaction_id": sale, **MISSING}, district.key), 403, "forbidden")
    assert seen(district, district.key) == []


def test_a_shop_reads_and_answers_what_is_said_of_its_own_sales(district: District, member: str, sale: str) -> None:
    """Another shop doesn't know of it; a merchant isn't told whose it is by the complaint."""
    made = complain(district, member, sale).ok(201)
    own, other = district.shop.key, district.other_shop.key
    assert (seen(district, own), seen(district, other)) == ([made["id"]], [])
    assert (made["member_id"], district.api.get(f"/v1/cases/{made['id']}", own).ok()["member_id"]) == (member, None)
    check_problem(answer(district, made["id"], other), 404, "not-found")
    check_problem(district.api.get(f"/v1/cases/{made['id']}", other), 404, "not-found")
    assert district.api.get(f"/v1/cases?merchant_id={district.shop.merchant_id}", other).ok()["data"] == []
    assert answer(district, made["id"], own).ok(200)["answered_by"] == "merchant"


def test_another_shopper_doesn_t_see_it(district: District, member: str, sale: str) -> None:
    """Nor withdraws it."""
    made, stranger = complain(district, member, sale).ok(201), signed_in(district.id, district.member()).access_token
    assert seen(district, stranger) == []
    check_problem(district.api.get(f"/v1/cases/{made['id']}", stranger), 404, "not-found")
    check_problem(district.api.post(f"/v1/cases/{made['id']}/withdraw", {}, stranger), 404, "not-found")
    assert district.api.get(f"/v1/cases/{made['id']}", district.key).ok()["step"] == "open"


def test_one_purchase_has_one_complaint_at_a_time(district: District, member: str, sale: str) -> None:
    """The next one after an answer."""
    made = complain(district, member, sale).ok(201)
    check_problem(complain(district, member, sale), 409, "case-open")
    assert seen(district, district.key) == [made["id"]]
    answer(district, made["id"], district.key).ok(200)
    assert complain(district, member, sale).status == 201


def test_a_complaint_is_answered_once(district: District, member: str, sale: str) -> None:
    """What its shopper has read stays as it was."""
    made = complain(district, member, sale).ok(201)
    first = answer(district, made["id"], district.key).ok(200)
    assert (first["step"], first["answered_by"]) == ("answered", "alliance")
    check_problem(answer(district, made["id"], district.shop.key), 409, "case-over")
    own = signed_in(district.id, member).access_token
    check_problem(district.api.post(f"/v1/cases/{made['id']}/withdraw", {}, own), 409, "case-over")
    assert district.api.get(f"/v1/cases/{made['id']}", own).ok() == first


def test_who_opens_and_withdraws_again_and_again_is_stopped(district: District, member: str, sale: str) -> None:
    """So that nobody keeps a shop busy."""
    own = signed_in(district.id, member).access_token
    for _ in range(MOST_A_DAY.amount):
        made = complain(district, member, sale, own).ok(201)
        district.api.post(f"/v1/cases/{made['id']}/withdraw", {}, own).ok(200)
    assert complain(district, member, sale, own).status == 429
    assert len(seen(district, district.key)) == MOST_A_DAY.amount


def test_complaints_are_told_to_their_member_and_forgotten_with_it(district: District, member: str, sale: str) -> None:
    """All of it stands in the export; who has left has said nothing."""
    made = complain(district, member, sale).ok(201)
    told = district.api.get(f"/v1/members/{member}/export", district.key).ok()
    assert told["cases"] == [made]
    district.api.delete(f"/v1/members/{member}", district.key).ok(200)
    assert seen(district, district.key) == []
    check_problem(answer(district, made["id"], district.key), 404, "not-found")

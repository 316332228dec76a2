"""Points spent at the till: what they take off a bill, when they are refused, and where each of them came from."""

from __future__ import annotations

import re
from typing import Any

import psycopg
import pytest

from app.factory import ROOMS
from tests.factories.books import broken
from tests.factories.clock import ago
from tests.factories.districts import District
from tests.factories.points import adjust, base_rule, change_programme, entries, figures, new_version

pytestmark = pytest.mark.usefixtures("context")


def sell(district: District, member: str, amount: int, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = district.report(member_id=member, amount=amount, **more).ok(201)
    return made


def test_the_worked_till(district: District) -> None:
    """What is paid in money earns."""
    member = district.member()
    sell(district, member, 30_000)
    sale = sell(district, member, 11_800, points_to_spend=300)
    assert (sale["points_spent"], sale["points_amount"], sale["paid_amount"]) == (300, 300, 11_500)
    assert (sale["eligible_amount"], sale["points_earned"]) == (11_500, 115)
    assert sale["balance"] == {"available": 115, "pending": 0, "owed": 0}
    newest, spend, _ = entries(district, member)
    assert (newest["code"], newest["points"], newest["balance_after"]) == ("earn", 115, 115)
    assert (spend["code"], spend["points"], spend["balance_after"]) == ("spend", -300, 0)
    assert spend["source"] == {"kind": "sale", "id": sale["id"]}
    assert district.balance(member)["lifetime"] == {"earned": 415, "spent": 300, "expired": 0}
    assert broken(district.id) == {}


def test_points_of_one_shop_are_spent_at_another_and_trace_to_their_issuer(
    district: District, superuser: psycopg.Connection
) -> None:
    member = district.member()
    earned = sell(district, member, 30_000)
    spent = sell(district, member, 12_800, points_to_spend=100, store_id=district.other_shop.store_id)
    rows = superuser.execute(
        "SELECT l.merchant_id, l.source_id, t.amount FROM transfers t JOIN lots l ON l.id = t.subject_id "
        "WHERE t.journal_id = %s AND t.code = 'spend'",
        (spent["id"][4:],),
    ).fetchall()
    assert [(row[0].hex, row[1].hex, row[2]) for row in rows] == [
        (district.shop.merchant_id[4:], earned["id"][4:], 100)
    ]
    [spend] = [one for one in entries(district, member) if one["code"] == "spend"]
    assert spend["merchant_id"] == district.other_shop.merchant_id


def test_what_ends_first_is_spent_first(district: District) -> None:
    member = district.member()
    late = sell(district, member, 10_000)
    soon = sell(district, member, 10_000, occurred_at=ago(days=60))
    sell(district, member, 1_000, points_to_spend=150)
    ends = {one["on"]: one["points"] for one in district.balance(member)["expiring"]}
    assert late["expires_at"] > soon["expires_at"]
    assert sorted(ends.values()) == [58], "all of the sooner, 50 of the later, and 8 earned with it"


def test_a_quote_spends_nothing(district: District) -> None:
    member = district.member()
    sell(district, member, 30_000)
    body = district.sale(member_id=member, amount=11_800, points_to_spend=300)
    quote = district.api.post("/v1/transactions/quote", body, district.key).ok(200)
    assert (quote["paid_amount"], quote["points_earned"]) == (11_500, 115)
    assert figures(district, member) == (300, 0, 0)


def test_a_repeated_report_spends_once(district: District) -> None:
    member = district.member()
    sell(district, member, 30_000)
    body = district.sale(member_id=member, amount=10_000, points_to_spend=200)
    first = district.api.post("/v1/transactions", body, district.key).ok(201)
    assert district.api.post("/v1/transactions", body, district.key).ok(200) == first
    other = district.api.post("/v1/transactions", {**body, "points_to_spend": 100}, district.key)
    assert (other.status, other.code) == (409, "reference-conflict")
    assert figures(district, member) == (198, 0, 0)


def test_a_batch_spends_what_it_has_just_earned(district: District) -> None:
    member = district.member()
    sales = [
        district.sale(member_id=member, amount=20_000),
        district.sale(member_id=member, amount=10_000, points_to_spend=150),
        district.sale(member_id=member, amount=10_000, points_to_spend=150),
    ]
    answer = district.api.post("/v1/transactions/batch", {"transactions": sales}, district.key).ok(200)
    assert [one["status"] for one in answer["results"]] == [201, 201, 422], "50 + 98 are left for the third"
    assert figures(district, member) == (148, 0, 0)
    assert broken(district.id) == {}


REFUSED = [
    pytest.param({}, 400, 30_000, "not-enough-points", id="more than there is"),
    pytest.param({"min_spend_points": 100}, 99, 30_000, "below-minimum", id="below the smallest"),
    pytest.param({"max_spend_percent": 50}, 101, 200, "above-share", id="above the share of the bill"),
    pytest.param({"max_spend_percent": 50}, 100, 199, "above-share", id="the share is rounded down"),
    pytest.param({"max_spend_percent": 0}, 1, 30_000, "above-share", id="no share at all"),
    pytest.param({"point_value": "2.5"}, 81, 200, "above-share", id="worth more than the bill"),
]


@pytest.mark.parametrize(("terms", "points", "amount", "code"), REFUSED)
def test_what_is_refused_changes_nothing(
    district: District, terms: dict[str, Any], points: int, amount: int, code: str
) -> None:
    member = district.member()
    sell(district, member, 30_000)
    if terms:
        change_programme(district, **terms)
    refused = district.report(member_id=member, amount=amount, points_to_spend=points)
    assert (refused.status, refused.code, refused.pointers) == (422, "validation-failed", {"/points_to_spend"})
    assert refused.body["errors"][0]["code"] == code
    assert figures(district, member) == (300, 0, 0)
    assert len(entries(district, member)) == 1


def test_what_is_worth_a_fraction_is_rounded_down(district: District) -> None:
    member = district.member()
    sell(district, member, 30_000)
    change_programme(district, point_value="0.35")
    sale = sell(district, member, 100, points_to_spend=3)
    assert (sale["points_amount"], sale["paid_amount"]) == (1, 99)


def test_nobody_has_no_points(district: District) -> None:
    refused = district.report(points_to_spend=1)
    assert (refused.status, refused.pointers) == (422, {"/points_to_spend"})


def test_pending_and_ended_points_are_not_spendable(district: District) -> None:
    member = district.member()
    sell(district, member, 10_000, occurred_at=ago(days=500))
    change_programme(district, pending_days=7)
    sell(district, member, 10_000)
    assert district.report(member_id=member, amount=5_000, points_to_spend=1).status == 422
    assert figures(district, member) == (0, 100, 0)


def test_without_the_live_code_a_merchant_s_key_cannot_spend(district: District) -> None:
    member = district.member()
    sell(district, member, 30_000)
    sale = {"member_id": member, "amount": 10_000, "points_to_spend": 100}
    refused = district.report(key=district.shop.key, **sale)
    assert (refused.status, refused.pointers) == (422, {"/points_to_spend"})
    assert refused.body["errors"][0]["code"] == "proof-needed"
    trusted = district.merchant_key(district.shop, scopes=["transactions:write", "points:spend-unproven"])
    district.report(key=trusted, **sale).ok(201)
    change_programme(district, spend_proof="any")
    district.report(key=district.shop.key, **sale).ok(201)
    assert figures(district, member)[0] == 300 - 200 + 99 + 99


def test_an_eligible_amount_is_at_most_what_is_paid_in_money(district: District) -> None:
    member = district.member()
    sell(district, member, 30_000)
    refused = district.report(member_id=member, amount=10_000, points_to_spend=300, eligible_amount=9_701)
    assert (refused.status, refused.pointers) == (422, {"/eligible_amount"})
    sale = sell(district, member, 10_000, points_to_spend=300, eligible_amount=9_700)
    assert sale["points_earned"] == 97
    assert figures(district, member) == (97, 0, 0)


def test_a_bill_paid_with_points_alone_earns_nothing(district: District) -> None:
    member = district.member()
    sell(district, member, 30_000)
    sale = sell(district, member, 300, points_to_spend=300)
    assert (sale["paid_amount"], sale["points_earned"]) == (0, 0)
    assert sale["explanation"][0]["code"] == "nothing-eligible"
    assert broken(district.id) == {}


def test_adjusting_gives_and_takes(district: District) -> None:
    member = district.member()
    up = adjust(district, member, 500)
    assert (up["points"], up["reason"], up["balance"]["available"]) == (500, "goodwill", 500)
    down = adjust(district, member, -200)
    assert down["balance"]["available"] == 300
    path = f"/v1/members/{member}/points/adjustments"
    refused = district.api.post(path, {"points": -301, "reason": "x"}, district.key)
    assert (refused.status, refused.pointers) == (422, {"/points"})
    assert district.api.post(path, {"points": 0, "reason": "x"}, district.key).status == 422
    assert district.api.post(path, {"points": 5, "reason": "x"}, district.shop.key).status == 403
    kinds = [(one["code"], one["points"], one["source"]["kind"]) for one in entries(district, member)]
    assert kinds == [("adjust", -200, "adjustment"), ("adjust", 500, "adjustment")]
    assert len(district.balance(member)["expiring"]) == 1
    assert broken(district.id) == {}


def test_an_adjustment_under_a_key_happens_once(district: District) -> None:
    member = district.member()
    path, body = f"/v1/members/{member}/points/adjustments", {"points": 50, "reason": "goodwill"}
    first = district.api.post(path, body, district.key, "once").ok(201)
    again = district.api.post(path, body, district.key, "once")
    assert (again.ok(201), again.headers["Idempotent-Replayed"]) == (first, "true")
    assert figures(district, member) == (50, 0, 0)


def test_points_cannot_be_bought_or_cashed_out(district: District) -> None:
    """No route and no scope turns money into points or points into money; a transfer between members has none either."""
    rules = {rule.rule for rule in district_rules()}
    assert not [
        rule
        for rule in rules
        if re.search("purchase|buy|cash(?!ier)|(?<!<cas:case_id>/)(?<!<dsp:dispute_id>/)withdraw|transfer", rule)
    ]
    member = district.member()
    sell(district, member, 30_000)
    spent = sell(district, member, 300, points_to_spend=300)
    body = {"transaction_id": spent["id"], "reference": "cash", "amount": 300}
    back = district.api.post("/v1/refunds", body, district.key).ok(201)
    assert (back["money_amount"], back["points_restored"]) == (0, 300), "points come back as points"


def district_rules() -> list[Any]:
    return [spec for room in ROOMS for spec in room.specs]


def test_a_sale_pays_what_is_owed_and_versions_do_not_matter(district: District) -> None:
    member = district.member()
    first = sell(district, member, 10_000)
    sell(district, member, 1_000, points_to_spend=100)
    body = {"transaction_id": first["id"], "reference": "back", "amount": 10_000}
    assert district.api.post("/v1/refunds", body, district.key).ok(201)["points_owed"] == 100
    new_version(district, base_rule(points=2))
    sale = sell(district, member, 2_000)
    assert sale["points_earned"] == 40
    assert sale["balance"] == {"available": 9, "pending": 0, "owed": 60}
    refused = district.report(member_id=member, amount=1_000, points_to_spend=1)
    assert refused.status == 422
    assert broken(district.id) == {}

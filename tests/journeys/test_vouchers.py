"""Government vouchers: paid with at tills, screened, reviewed, and told to the authority."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from flask import Flask

from app.foundation.clock import format_instant
from merchant_sdk import Client, Conflict
from tests.factories.books import broken
from tests.factories.clock import SHANGHAI, SetClock
from tests.factories.coupons import bearer_codes, campaign_of, change, claim, draft_campaign, new_campaign
from tests.factories.districts import District, next_number
from tests.factories.problems import check_problem
from tests.factories.vouchers import BY_GOVERNMENT, evidence_of, new_vouchers, pay_with_voucher, review, rows_of


@pytest.fixture(autouse=True)
def books(district: District, app: Flask) -> Any:
    """Whatever a test does, the books hold afterwards."""
    yield
    with app.app_context():
        assert broken(district.id) == {}


def states(district: District, campaign: str) -> list[tuple[str, list[str]]]:
    return [(row["state"], row["reasons"]) for row in rows_of(district, campaign)]


def audited(district: District, action: str) -> list[Any]:
    found = district.api.get("/v1/audit-entries", district.key).ok(200)["data"]
    return [one for one in found if one["action"] == action]


def held_one(district: District, campaign: str | None = None) -> str:
    """The redemption of a member of the staff."""
    campaign = campaign or new_vouchers(district)
    pay_with_voucher(district, campaign, district.member(tags=["staff"])).ok(201)
    row = rows_of(district, campaign)[-1]
    assert row["state"] == "held"
    return str(row["redemption_id"])


def test_recording_a_voucher_needs_the_number_of_its_payment(district: District) -> None:
    member = district.member()
    code = claim(district, new_vouchers(district), member).ok(201)["code"]
    sale = {"member_id": member, "coupons": [code]}
    refused = check_problem(district.report(**sale), 422, "payment-evidence-missing")
    assert refused.pointers == {"/payment_reference"}
    district.api.post("/v1/transactions/quote", district.sale(**sale), district.key).ok(200)
    assert district.balance(member)["available"] == 0
    assert district.report(**sale, payment_reference="P-1").ok(201)["discount_amount"] == 1_000


def test_in_a_batch_the_sale_without_it_is_refused_alone(district: District) -> None:
    campaign, member = new_vouchers(district), district.member()
    codes = [claim(district, campaign, member).ok(201)["code"] for _ in range(2)]
    sales = [
        district.sale(member_id=member, coupons=[codes[0]]),
        district.sale(member_id=member, coupons=[codes[1]], payment_reference="P-2"),
    ]
    results = district.api.post("/v1/transactions/batch", {"transactions": sales}, district.key).ok(200)["results"]
    assert [one["status"] for one in results] == [422, 201]
    assert results[0]["problem"]["code"] == "payment-evidence-missing"
    assert len(rows_of(district, campaign)) == 1


def test_other_coupons_need_none_and_leave_no_evidence(district: District) -> None:
    campaign, member = new_campaign(district)["id"], district.member()
    code = claim(district, campaign, member).ok(201)["code"]
    district.report(member_id=member, coupons=[code]).ok(201)
    assert evidence_of(district, campaign)["data"] == []


def test_each_redemption_is_a_row(district: District) -> None:
    campaign = new_vouchers(district, funding={"district": 20, "merchant": 30, "government": 50}, amount_off=1_001)
    member = district.member()
    sale = pay_with_voucher(district, campaign, member, payment_reference="4200-1", key=district.shop.key).ok(201)
    page = evidence_of(district, campaign)
    [row] = page["data"]
    number = district.api.get(f"/v1/members/{member}", district.key).ok(200)["number"]
    told = row["row"]
    assert told["member_number"] == f"******{number[-4:]}"
    assert {name: told[name] for name in ("kind", "amount", "discount_amount", "government_amount", "state")} == {
        "kind": "redemption",
        "amount": 12_800,
        "discount_amount": 1_001,
        "government_amount": 501,
        "state": "redeemed",
    }
    assert (told["campaign_id"], told["merchant_id"]) == (campaign, district.shop.merchant_id)
    assert (told["store_id"], told["payment_reference"]) == (district.shop.store_id, "4200-1")
    assert (told["occurred_at"], told["recorded_at"]) == (sale["occurred_at"], sale["recorded_at"])
    assert told["reasons"] == []
    assert told["reported_by"].startswith("key_")
    sums = {name: told[name] for name in ("amount", "discount_amount", "government_amount")}
    assert page["total"] == {"rows": 1, **sums, "digest": row["digest"]}


def test_anybody_can_reckon_the_digests(district: District) -> None:
    campaign = new_vouchers(district, name="消费券")
    for number in range(3):
        pay_with_voucher(district, campaign, payment_reference=f"支付-{number}").ok(201)
    page = evidence_of(district, campaign)
    digest = bytes(32)
    assert page["previous_digest"] == digest.hex()
    for number, one in enumerate(page["data"], 1):
        text = json.dumps(one["row"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        digest = hashlib.sha256(digest + text.encode()).digest()
        assert (one["number"], one["digest"]) == (number, digest.hex())


def test_the_export_goes_on_where_it_ended(district: District) -> None:
    campaign = new_vouchers(district)
    for _ in range(3):
        pay_with_voucher(district, campaign).ok(201)
    whole = evidence_of(district, campaign)
    first = evidence_of(district, campaign, "?limit=2")
    rest = evidence_of(district, campaign, "?limit=2&starting_after=2")
    assert first["data"] + rest["data"] == whole["data"]
    assert (first["has_more"], rest["has_more"], whole["has_more"]) == (True, False, False)
    assert rest["previous_digest"] == first["data"][-1]["digest"]
    assert first["total"] == rest["total"] == whole["total"]
    assert first["total"]["rows"] == 3
    pay_with_voucher(district, campaign).ok(201)
    assert evidence_of(district, campaign)["data"][:3] == whole["data"]
    assert evidence_of(district, campaign, "?starting_after=4")["data"] == []
    beyond = district.api.get(f"/v1/campaigns/{campaign}/evidence?starting_after=5", district.key)
    assert check_problem(beyond, 422, "validation-failed").pointers == {"/starting_after"}


def test_reading_evidence_is_audited(district: District) -> None:
    campaign = new_vouchers(district)
    evidence_of(district, campaign)
    [entry] = audited(district, "evidence.exported")
    assert entry["subject"]["id"] == campaign


def test_a_members_fourth_of_a_day_is_held(district: District) -> None:
    campaign, member = new_vouchers(district), district.member()
    for _ in range(4):
        pay_with_voucher(district, campaign, member).ok(201)
    assert states(district, campaign) == [("redeemed", [])] * 3 + [("held", ["same-member"])]
    [told] = district.api.get("/v1/events?type=redemption.held", district.key).ok(200)["data"]
    last = rows_of(district, campaign)[-1]
    assert told["data"] == {
        "redemption_id": last["redemption_id"],
        "campaign_id": campaign,
        "merchant_id": district.shop.merchant_id,
        "store_id": district.shop.store_id,
        "reasons": ["same-member"],
    }


def test_in_one_batch_they_count_one_by_one(district: District) -> None:
    campaign, member = new_vouchers(district, screening={"per_member_per_day": 1}), district.member()
    codes = [claim(district, campaign, member).ok(201)["code"] for _ in range(3)]
    sales = [
        district.sale(member_id=member, coupons=[code], payment_reference=f"P-{number}")
        for number, code in enumerate(codes)
    ]
    done = district.api.post("/v1/transactions/batch", {"transactions": sales}, district.key).ok(200)["results"]
    assert [one["status"] for one in done] == [201] * 3, done
    assert [one for one, _ in states(district, campaign)] == ["redeemed", "held", "held"]


def test_who_works_here_is_held_by_the_tags_of_the_campaign(district: District) -> None:
    campaign = new_vouchers(district, screening={"staff_tags": ["员工"]})
    pay_with_voucher(district, campaign, district.member(tags=["staff"])).ok(201)
    pay_with_voucher(district, campaign, district.member(tags=["vip", "员工"])).ok(201)
    assert states(district, campaign) == [("redeemed", []), ("held", ["staff"])]


def test_bills_that_pile_up_just_at_the_minimum_are_held(district: District) -> None:
    campaign = new_vouchers(district, screening={"shop_vouchers": 4, "per_member_per_day": 100})
    member = district.member()
    for amount in (20_000, 20_000, 10_000, 10_100, 10_100, 10_101):
        pay_with_voucher(district, campaign, member, amount=amount).ok(201)
    assert [reasons for _, reasons in states(district, campaign)] == [[], [], [], [], ["at-minimum"], []]


def test_the_minimum_looks_at_what_the_campaign_is_about(district: District) -> None:
    """A bill of 300.00 of which just 100.00 are the campaign's is just at the minimum."""
    campaign = new_vouchers(district, item_skus=["tea"], screening={"shop_vouchers": 1})
    items = [{"sku": "tea", "quantity": 1, "amount": 10_000}, {"sku": "cup", "quantity": 1, "amount": 20_000}]
    pay_with_voucher(district, campaign, amount=30_000, items=items).ok(201)
    assert states(district, campaign) == [("held", ["at-minimum"])]


def test_a_till_far_above_the_others_is_held(district: District) -> None:
    limits = {"till_vouchers_per_day": 6, "till_times_median": 5, "per_member_per_day": 100, "shop_vouchers": 1_000}
    campaign, member = new_vouchers(district, screening=limits), district.member()
    for key in (district.other_shop.key, district.key):
        store = district.other_shop.store_id
        pay_with_voucher(district, campaign, member, key=key, store_id=store).ok(201)
    for _ in range(7):
        pay_with_voucher(district, campaign, member, key=district.shop.key).ok(201)
    assert [reasons for _, reasons in states(district, campaign)][2:] == [[]] * 5 + [["till-share"]] * 2


def test_the_alliance_releases_what_is_held(district: District) -> None:
    campaign = new_vouchers(district)
    redemption = held_one(district, campaign)
    done = review(district, redemption, "release", reason="店庆").ok(200)
    assert (done["state"], done["reasons"]) == ("released", ["staff"])
    assert review(district, redemption, "release").ok(200) == done
    assert states(district, campaign) == [("held", ["staff"]), ("released", ["staff"])]
    row = rows_of(district, campaign)[1]
    assert (row["kind"], row["amount"], row["discount_amount"], row["government_amount"]) == ("review", 0, 0, 0)
    [entry] = audited(district, "redemption.released")
    assert entry["subject"]["id"] == redemption
    told = district.api.get("/v1/events?type=redemption.released", district.key).ok(200)["data"]
    assert [one["data"]["redemption_id"] for one in told] == [redemption]
    check_problem(review(district, redemption, "reject", reason="x"), 409, "redemption-state")
    assert len(rows_of(district, campaign)) == 2


def test_the_alliance_rejects_what_is_held_with_a_reason(district: District) -> None:
    campaign = new_vouchers(district)
    redemption = held_one(district, campaign)
    assert check_problem(review(district, redemption, "reject"), 422).pointers == {"/reason"}
    assert review(district, redemption, "reject", reason="未见出库").ok(200)["state"] == "rejected"
    review(district, redemption, "reject", reason="again").ok(200)
    check_problem(review(district, redemption, "release"), 409, "redemption-state")
    assert [one for one, _ in states(district, campaign)] == ["held", "rejected"]
    assert campaign_of(district, campaign)["counts"]["discount_given"] == 1_000
    assert len(audited(district, "redemption.rejected")) == 1
    told = district.api.get("/v1/events?type=redemption.rejected", district.key).ok(200)["data"]
    assert [one["data"]["redemption_id"] for one in told] == [redemption]


def test_what_isnt_held_isnt_reviewed(district: District) -> None:
    campaign = new_vouchers(district)
    pay_with_voucher(district, campaign).ok(201)
    redemption = rows_of(district, campaign)[0]["redemption_id"]
    for verb in ("release", "reject"):
        check_problem(review(district, redemption, verb, reason="x"), 409, "redemption-state")
    assert len(rows_of(district, campaign)) == 1


def test_shops_review_nothing_and_read_no_evidence(district: District) -> None:
    campaign = new_vouchers(district)
    redemption = held_one(district, campaign)
    for key in (district.shop.key, district.other_shop.key):
        check_problem(review(district, redemption, "release", key=key), 403, "forbidden")
        check_problem(district.api.get(f"/v1/campaigns/{campaign}/evidence", key), 403, "forbidden")
    assert states(district, campaign) == [("held", ["staff"])]


def test_thresholds_are_fixed_once_a_campaign_is_published(district: District) -> None:
    draft = draft_campaign(district, funding=BY_GOVERNMENT).ok(201)
    assert draft["screening"]["per_member_per_day"] == 3
    changed = change(district, draft["id"], screening={**draft["screening"], "per_member_per_day": 2}).ok(200)
    assert changed["screening"]["per_member_per_day"] == 2
    district.api.post(f"/v1/campaigns/{draft['id']}/publish", {}, district.key).ok(200)
    refused = change(district, draft["id"], screening={"per_member_per_day": 5})
    assert check_problem(refused, 409, "campaign-published").pointers == {"/screening"}


def test_a_reason_is_forgotten_with_the_member(district: District, superuser: psycopg.Connection) -> None:
    campaign, member = new_vouchers(district), district.member(tags=["staff"])
    pay_with_voucher(district, campaign, member).ok(201)
    redemption = rows_of(district, campaign)[0]["redemption_id"]
    review(district, redemption, "reject", reason="张三是店员").ok(200)
    district.api.delete(f"/v1/members/{member}", district.key).ok()
    kept = superuser.execute("SELECT review_reason FROM redemptions WHERE id = %s", (redemption[-32:],)).fetchone()
    assert kept == (None,)


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize("is_first", [False, True])
def test_nothing_is_kept_of_what_is_written_of_who_has_left(
    district: District, superuser: psycopg.Connection, is_first: bool
) -> None:
    """Whether that was before or after, of the bearer's vouchers and of who had become another, too; the verdict stands."""
    campaign = new_vouchers(district, issuing=["claim", "code_batch"])
    member, survivor = district.member(tags=["staff"]), district.member()
    pay_with_voucher(district, campaign, member).ok(201)
    pay_with_voucher(district, campaign, member, coupons=bearer_codes(district, campaign, 1)).ok(201)
    district.api.post(f"/v1/members/{member}/merge", {"into": survivor}, district.key).ok(200)
    redemptions = [row["redemption_id"] for row in rows_of(district, campaign)]
    if is_first:
        district.api.delete(f"/v1/members/{survivor}", district.key).ok()
    for one in redemptions:
        assert review(district, one, "reject", reason="张三是店员").ok(200)["state"] == "rejected"
    if not is_first:
        district.api.delete(f"/v1/members/{survivor}", district.key).ok()
    query = "SELECT state, review_reason FROM redemptions WHERE campaign_id = %s"
    assert superuser.execute(query, (campaign[-32:],)).fetchall() == [("rejected", None)] * 2


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE evidence SET content = replace(content, '12800', '12900') WHERE number = 1",
        "UPDATE evidence SET digest = sha256('') WHERE number = 2",
        "UPDATE evidence SET government_amount = 2 WHERE number = 1",
        "DELETE FROM evidence WHERE number = 2",
        "UPDATE evidence_chains SET government_amount = government_amount + 1 WHERE true",
        "DELETE FROM evidence_chains WHERE true",
        "UPDATE redemptions SET state = 'released' WHERE true",
    ],
)
def test_whoever_changes_a_row_shows(
    district: District, app: Flask, superuser: psycopg.Connection, damage: str
) -> None:
    campaign = new_vouchers(district)
    for _ in range(3):
        pay_with_voucher(district, campaign).ok(201)
    evidence_of(district, campaign)
    with app.app_context():
        assert broken(district.id) == {}
    superuser.execute("BEGIN")
    superuser.execute(f"{damage} AND campaign_id = %s", (campaign[-32:],))
    superuser.execute("COMMIT")
    with app.app_context():
        assert broken(district.id) != {}
    superuser.execute("DELETE FROM evidence WHERE campaign_id = %s", (campaign[-32:],))
    superuser.execute("DELETE FROM evidence_chains WHERE campaign_id = %s", (campaign[-32:],))
    superuser.execute(
        "UPDATE campaigns SET terms = jsonb_set(terms, '{funding,government}', '0') WHERE id = %s", (campaign[-32:],)
    )


def refund(district: District, sale: Any, amount: int) -> Any:
    body = {"transaction_id": sale["id"], "reference": f"F{next_number():08d}", "amount": amount}
    return district.api.post("/v1/refunds", body, district.key).ok(201)


def test_a_refund_after_an_export_is_a_negative_row(district: District) -> None:
    """Soon after the sale it is marked as well; with all of the bill it is returned and keeps its reasons."""
    campaign = new_vouchers(district, funding={"district": 50, "merchant": 0, "government": 50})
    sale = pay_with_voucher(district, campaign).ok(201)
    exported = evidence_of(district, campaign)
    refund(district, sale, 6_400)
    refund(district, sale, 6_400)
    page = evidence_of(district, campaign)
    assert page["data"][:1] == exported["data"]
    rows = [one["row"] for one in page["data"]]
    amounts = [(row["amount"], row["discount_amount"], row["government_amount"]) for row in rows]
    assert amounts == [(12_800, 1_000, 500), (-6_400, -500, -250), (-6_400, -500, -250)]
    assert [row["kind"] for row in rows] == ["redemption", "refund", "refund"]
    soon = ["refunded-soon"]
    assert states(district, campaign) == [("redeemed", []), ("held", soon), ("returned", soon)]
    total = page["total"]
    assert (total["amount"], total["discount_amount"], total["government_amount"]) == (0, 0, 0)
    check_problem(review(district, rows[0]["redemption_id"], "release"), 409, "redemption-state")
    told = district.api.get("/v1/events?type=redemption.held", district.key).ok(200)["data"]
    assert [one["data"]["reasons"] for one in told] == [soon]


def test_a_rejected_one_that_is_refunded_in_part_stays_rejected(district: District) -> None:
    campaign = new_vouchers(district)
    sale = pay_with_voucher(district, campaign, district.member(tags=["staff"])).ok(201)
    redemption = rows_of(district, campaign)[0]["redemption_id"]
    review(district, redemption, "reject", reason="x").ok(200)
    refund(district, sale, 100)
    assert states(district, campaign)[-1] == ("rejected", ["staff", "refunded-soon"])
    refund(district, sale, 12_700)
    assert states(district, campaign)[-1] == ("returned", ["staff", "refunded-soon"])


def test_a_later_refund_is_no_mark(district: District, superuser: psycopg.Connection) -> None:
    campaign = new_vouchers(district)
    sale = pay_with_voucher(district, campaign).ok(201)
    superuser.execute(
        "UPDATE redemptions SET redeemed_at = redeemed_at - interval '2 hours' WHERE campaign_id = %s",
        (campaign[-32:],),
    )
    refund(district, sale, 100)
    assert states(district, campaign)[-1] == ("redeemed", [])


def test_the_sdk_checks_a_chain_by_itself(district: District, alliance: Client) -> None:
    campaign = new_vouchers(district, name="消费券")
    for _ in range(3):
        pay_with_voucher(district, campaign, payment_reference=f"支付-{_}").ok(201)
    first = alliance.campaigns.evidence(campaign, limit=2)
    rest = alliance.campaigns.evidence(campaign, starting_after=2)
    assert (first.first_changed(), rest.first_changed(first.data[-1].digest)) == (None, None)
    changed = replace(first.data[1], row={**first.data[1].row, "amount": 1})
    assert replace(first, data=(first.data[0], changed)).first_changed() == 2
    assert rest.first_changed(first.data[0].digest) == 3
    redemption = first.data[0].row["redemption_id"]
    with pytest.raises(Conflict):
        alliance.redemptions.reject(redemption, "x")


def test_a_review_s_reason_is_shown_with_its_redemption(district: District) -> None:
    """To the merchant, too, which has to live with it; the same answer comes again under its key."""
    one, path = held_one(district), "/v1/redemptions"
    assert district.api.get(f"{path}/{one}", district.key).ok(200)["review_reason"] is None
    body = {"reason": "未见商品出库"}
    first, again = (district.api.post(f"{path}/{one}/reject", body, district.key, "once").ok(200) for _ in range(2))
    assert first == again and first["review_reason"] == body["reason"]
    for key in (district.key, district.shop.key):
        assert district.api.get(f"{path}/{one}", key).ok(200)["review_reason"] == body["reason"]
        assert district.api.get(path, key).ok(200)["data"][0]["review_reason"] == body["reason"]


LUNCH_AND_NIGHT = [
    {"weekdays": [], "from": "11:00", "to": "14:00"},
    {"weekdays": [5, 6], "from": "18:00", "to": "02:00"},
]


@pytest.mark.parametrize(
    ("hours", "local", "is_outside"),
    [
        (None, "2027-03-05 04:00", False),
        (LUNCH_AND_NIGHT, "2027-03-05 11:00", False),
        (LUNCH_AND_NIGHT, "2027-03-05 14:00", True),
        (LUNCH_AND_NIGHT, "2027-03-05 23:59", False),
        (LUNCH_AND_NIGHT, "2027-03-06 01:59", False),
        (LUNCH_AND_NIGHT, "2027-03-06 02:00", True),
        (LUNCH_AND_NIGHT, "2027-03-07 01:30", False),
        (LUNCH_AND_NIGHT, "2027-03-08 01:30", True),
        (LUNCH_AND_NIGHT, "2027-03-04 18:30", True),
    ],
)
def test_outside_the_shop_s_hours(
    timed: District, clock: SetClock, hours: Any, local: str, *, is_outside: bool
) -> None:
    """By the district's clock when it was sold, Friday's night reaching into Saturday; whoever tells no hours is never outside."""
    at = datetime.fromisoformat(local).replace(tzinfo=SHANGHAI)
    clock.set(at - timedelta(hours=1))
    timed.api.patch(f"/v1/stores/{timed.shop.store_id}", {"opening_hours": hours}, timed.key).ok(200)
    campaign = new_vouchers(timed)
    clock.set(at + timedelta(hours=5))
    pay_with_voucher(timed, campaign, occurred_at=format_instant(at)).ok(201)
    wanted = ("held", ["outside-hours"]) if is_outside else ("redeemed", [])
    assert states(timed, campaign) == [wanted]


def test_new_hours_hold_for_the_next_sale(timed: District, clock: SetClock) -> None:
    clock.set(datetime(2027, 3, 5, 12, 0, tzinfo=SHANGHAI))
    campaign, path = new_vouchers(timed), f"/v1/stores/{timed.shop.store_id}"
    for hours in (
        [{"from": "18:00", "to": "20:00"}],
        [{"from": "00:00", "to": "12:00"}, {"from": "12:00", "to": "00:00"}],
    ):
        timed.api.patch(path, {"opening_hours": hours}, timed.key).ok(200)
        pay_with_voucher(timed, campaign).ok(201)
    assert [one for one, _ in states(timed, campaign)] == ["held", "redeemed"]


def test_who_becomes_one_with_another_is_the_same_member(district: District) -> None:
    """What both redeemed today counts together: a second account is no way around the limit of a day."""
    campaign, (old, survivor) = new_vouchers(district), (district.member() for _ in range(2))
    for member in (old, old, survivor):
        pay_with_voucher(district, campaign, member).ok(201)
    district.api.post(f"/v1/members/{old}/merge", {"into": survivor}, district.key).ok(200)
    pay_with_voucher(district, campaign, survivor).ok(201)
    assert states(district, campaign)[-1] == ("held", ["same-member"])

"""Sales whose buyer shows a code, or stands there by a token: earning as of then, spending as of now, and each once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from app.foundation.clock import format_instant
from app.members.codes import guessing
from tests.factories.api import Api, Reply
from tests.factories.books import broken
from tests.factories.checksums import checksums
from tests.factories.clock import ago, now
from tests.factories.codes import Phone, early_in_the_minute, new_phone_of, phone_of, resolve
from tests.factories.districts import District, new_district
from tests.factories.points import change_programme, figures
from tests.factories.problems import check_problem

EARNED = 300


@pytest.fixture
def phone(district: District, context: None) -> Phone:
    """The phone of a member with 300 points."""
    early_in_the_minute()
    phone = new_phone_of(district, name="王小明")
    district.report(member_id=phone.member_id, amount=100 * EARNED).ok(201)
    return phone


@pytest.fixture
def books(district: District, phone: Phone) -> Iterator[None]:
    yield
    assert broken(district.id) == {}


def sell(district: District, **sale: Any) -> Reply:
    """A sale of 100.00 at the first shop, with its own key, which needs a proof to spend."""
    return district.report(key=district.shop.key, **{"amount": 10_000, **sale})


def token_of(district: District, phone: Phone, ahead: int = 0, **more: Any) -> str:
    return str(resolve(district, phone.code(ahead), **more).ok(200)["presence_token"])


def minutes_ago(minutes: float) -> tuple[str, int]:
    """An instant as the API takes it, and in seconds."""
    moment = now() - timedelta(minutes=minutes)
    return format_instant(moment), int(moment.timestamp())


@pytest.mark.usefixtures("books")
@pytest.mark.parametrize("ahead", [-1, 0, 1])
def test_a_code_names_the_buyer(district: District, phone: Phone, ahead: int) -> None:
    sale = sell(district, member_code=phone.code(ahead)).ok(201)
    assert (sale["member_id"], sale["points_earned"]) == (phone.member_id, 100)
    assert "member_code" not in sale


@pytest.mark.usefixtures("books")
def test_a_code_that_was_right_when_the_sale_occurred_earns_however_late(district: District, phone: Phone) -> None:
    for minutes in (3, 60, 6 * 24 * 60):
        occurred_at, seconds = minutes_ago(minutes)
        sale = sell(district, member_code=phone.code_at(seconds), occurred_at=occurred_at).ok(201)
        assert (sale["member_id"], sale["points_earned"]) == (phone.member_id, 100)


@pytest.mark.parametrize("beside", [-120, 120])
def test_two_minutes_beside_the_sale_a_code_is_over(
    district: District, phone: Phone, superuser: psycopg.Connection, beside: int
) -> None:
    occurred_at, seconds = minutes_ago(3 * 24 * 60)
    before = checksums(superuser, district.id)
    refused = sell(district, member_code=phone.code_at(seconds + beside), occurred_at=occurred_at)
    assert check_problem(refused, 410, "member-code-expired").pointers == {"/member_code"}
    assert checksums(superuser, district.id) == before


def test_a_screenshot_neither_earns_nor_spends_two_minutes_later(
    district: District, phone: Phone, superuser: psycopg.Connection
) -> None:
    before = checksums(superuser, district.id)
    for more in ({}, {"points_to_spend": 100}):
        refused = sell(district, member_code=phone.code(-2), **more)
        assert check_problem(refused, 410, "member-code-expired").pointers == {"/member_code"}
    assert checksums(superuser, district.id) == before


def test_today_s_code_doesn_t_make_yesterday_s_sale(district: District, phone: Phone) -> None:
    refused = sell(district, member_code=phone.code(), occurred_at=ago(hours=24))
    assert check_problem(refused, 410, "member-code-expired").pointers == {"/member_code"}


@pytest.mark.parametrize("minutes", [-8, 8])
def test_a_till_whose_clock_is_wrong_sells_on(district: District, phone: Phone, minutes: int) -> None:
    sale = sell(district, member_code=phone.code(), occurred_at=ago(minutes=minutes), points_to_spend=100).ok(201)
    assert sale["points_spent"] == 100


@pytest.mark.usefixtures("books")
def test_one_code_earns_for_two_baskets(district: District, phone: Phone) -> None:
    """Offline a till can't know that a code was used; and any member may be named in a sale without one."""
    for _ in range(2):
        assert sell(district, member_code=phone.code()).ok(201)["points_earned"] == 100


def test_after_a_new_key_what_was_sold_offline_still_earns(district: District, phone: Phone) -> None:
    occurred_at, seconds = minutes_ago(30)
    code = phone.code_at(seconds)
    phone_of(district, phone.member_id, renew=True)
    assert sell(district, member_code=code, occurred_at=occurred_at).ok(201)["member_id"] == phone.member_id
    check_problem(sell(district, member_code=phone.code(1)), 404, "not-found")


def test_a_wrong_code_is_no_member_and_nothing_is_recorded(
    api: Api, district: District, phone: Phone, superuser: psycopg.Connection
) -> None:
    stranger = new_phone_of(new_district(api)).code()
    unknown = sell(district, member_id="mem_" + "0" * 32)
    assert check_problem(unknown, 404, "not-found").pointers == {"/member_id"}
    before = checksums(superuser, district.id)
    answers = [
        check_problem(sell(district, member_code=code), 404, "not-found")
        for code in (phone.wrong_code(), stranger, "880000000000123456", "13" + "0" * 16, "x", phone.code(2))
    ]
    assert {str({**one.body, "request_id": ""}) for one in answers} == {
        str({**answers[0].body, "request_id": ""}),
    }
    assert answers[0].pointers == {"/member_code"}
    assert checksums(superuser, district.id) == before


@pytest.mark.usefixtures("books")
def test_a_live_code_spends(district: District, phone: Phone) -> None:
    sale = sell(district, member_code=phone.code(), points_to_spend=200).ok(201)
    assert (sale["points_spent"], sale["paid_amount"], sale["points_earned"]) == (200, 9_800, 98)
    assert figures(district, phone.member_id) == (EARNED - 200 + 98, 0, 0)


def test_without_a_proof_nothing_is_spent(district: District, phone: Phone) -> None:
    for buyer in ({"member_id": phone.member_id}, {}):
        refused = sell(district, points_to_spend=100, **buyer)
        assert check_problem(refused, 422, "validation-failed").pointers == {"/points_to_spend"}
    assert figures(district, phone.member_id) == (EARNED, 0, 0)


@pytest.mark.usefixtures("books")
def test_a_code_spends_once(district: District, phone: Phone) -> None:
    code = phone.code()
    sell(district, member_code=code, points_to_spend=100).ok(201)
    refused = sell(district, member_code=code, points_to_spend=100)
    assert check_problem(refused, 409, "member-code-used").pointers == {"/member_code"}
    assert figures(district, phone.member_id) == (EARNED - 100 + 99, 0, 0)
    sell(district, member_code=phone.code(1), points_to_spend=100).ok(201)


def test_a_code_that_earned_is_used_up(district: District, phone: Phone) -> None:
    code = phone.code()
    sell(district, member_code=code).ok(201)
    check_problem(sell(district, member_code=code, points_to_spend=100), 409, "member-code-used")
    check_problem(resolve(district, code), 409, "member-code-used")


def test_a_code_that_was_resolved_spends_by_its_token_only(district: District, phone: Phone) -> None:
    code = phone.code()
    token = resolve(district, code).ok(200)["presence_token"]
    check_problem(sell(district, member_code=code, points_to_spend=100), 409, "member-code-used")
    sell(district, presence_token=token, points_to_spend=100).ok(201)


def test_spending_is_never_possible_offline(district: District, phone: Phone) -> None:
    occurred_at, seconds = minutes_ago(60)
    refused = sell(district, member_code=phone.code_at(seconds), occurred_at=occurred_at, points_to_spend=100)
    assert check_problem(refused, 410, "member-code-expired").pointers == {"/member_code"}
    assert figures(district, phone.member_id) == (EARNED, 0, 0)


def test_where_no_proof_is_needed_an_old_code_spends(district: District, phone: Phone) -> None:
    change_programme(district, spend_proof="any")
    occurred_at, seconds = minutes_ago(60)
    sell(district, member_code=phone.code_at(seconds), occurred_at=occurred_at, points_to_spend=100).ok(201)


def test_a_refused_sale_uses_no_code(district: District, phone: Phone) -> None:
    code = phone.code()
    refused = sell(district, member_code=code, points_to_spend=EARNED + 1)
    assert check_problem(refused, 422, "validation-failed").pointers == {"/points_to_spend"}
    sell(district, member_code=code, points_to_spend=EARNED).ok(201)


def test_a_quote_uses_no_code(district: District, phone: Phone) -> None:
    code = phone.code()
    body = district.sale(amount=10_000, member_code=code, points_to_spend=100)
    for _ in range(2):
        quote = district.api.post("/v1/transactions/quote", body, district.shop.key).ok(200)
        assert (quote["member_id"], quote["paid_amount"]) == (phone.member_id, 9_900)
    sell(district, member_code=code, points_to_spend=100).ok(201)


@pytest.mark.usefixtures("books")
def test_a_token_names_the_buyer_any_number_of_times_and_spends_once(district: District, phone: Phone) -> None:
    token = token_of(district, phone)
    for points in (0, 100, 0):
        sale = sell(district, presence_token=token, points_to_spend=points).ok(201)
        assert (sale["member_id"], sale["points_spent"]) == (phone.member_id, points)
    assert sell(district, presence_token=token, points_to_spend=100).code == "member-code-used"


def test_a_token_is_of_its_store(api: Api, district: District, phone: Phone) -> None:
    other = new_district(api)
    token = token_of(district, phone)
    elsewhere = district.report(
        key=district.other_shop.key, store_id=district.other_shop.store_id, presence_token=token
    )
    abroad = other.report(key=other.shop.key, presence_token=token)
    forged = sell(district, presence_token=token[:-1] + ("a" if token[-1] != "a" else "b"))
    for refused in (elsewhere, abroad, forged, sell(district, presence_token="pt_x")):
        assert check_problem(refused, 404, "not-found").pointers == {"/presence_token"}
    assert figures(district, phone.member_id) == (EARNED, 0, 0)
    sell(district, presence_token=token).ok(201)


def test_a_token_of_somebody_erased_is_nobodys(district: District, phone: Phone) -> None:
    token = token_of(district, phone)
    district.api.delete(f"/v1/members/{phone.member_id}", district.key).ok(200)
    assert check_problem(sell(district, presence_token=token), 404, "not-found").pointers == {"/presence_token"}


def test_a_token_doesn_t_make_yesterday_s_sale(district: District, phone: Phone) -> None:
    refused = sell(district, presence_token=token_of(district, phone), occurred_at=ago(hours=24))
    assert check_problem(refused, 410, "member-code-expired").pointers == {"/presence_token"}


def test_the_reference_is_looked_at_before_freshness(district: District, phone: Phone) -> None:
    """A report whose answer was lost comes again when its code is long over, and gets the first answer."""
    occurred_at, seconds = minutes_ago(30)
    for body in (
        district.sale(member_code=phone.code(), points_to_spend=100),
        district.sale(member_code=phone.code_at(seconds), occurred_at=occurred_at),
        district.sale(presence_token=token_of(district, phone, 1), points_to_spend=50),
    ):
        first = sell(district, **body).ok(201)
        again = sell(district, **body).ok(200)
        figures_of = ("id", "points_spent", "points_earned", "member_id")
        assert [again[name] for name in figures_of] == [first[name] for name in figures_of]


def test_an_old_report_comes_again_after_its_key_is_gone(district: District, phone: Phone) -> None:
    body = district.sale(member_code=phone.code(), points_to_spend=100)
    first = sell(district, **body).ok(201)
    phone_of(district, phone.member_id, renew=True)
    assert sell(district, **body).ok(200)["id"] == first["id"]


def test_the_same_buyer_may_be_named_another_way(district: District, phone: Phone) -> None:
    code = phone.code()
    body = district.sale(amount=10_000)
    first = sell(district, **body, member_code=code).ok(201)["id"]
    token = token_of(district, phone, 1)
    for buyer in (
        {"member_id": phone.member_id},
        {"presence_token": token},
        {"member_code": phone.code(-1)},
        {"member_code": phone.code(-30)},
        {"member_code": f"{code[:2]} {code[2:]}"},
    ):
        assert sell(district, **body, **buyer).ok(200)["id"] == first
    friend = new_phone_of(district)
    for buyer in ({"member_id": friend.member_id}, {"member_code": friend.code()}, {"member_code": phone.wrong_code()}):
        check_problem(sell(district, **body, **buyer), 409, "reference-conflict")
    check_problem(sell(district, **body, presence_token="pt_x"), 409, "reference-conflict")


def test_an_unnamed_sale_isn_t_one_with_a_wrong_code(district: District, phone: Phone) -> None:
    body = district.sale()
    sell(district, **body).ok(201)
    for buyer in ({"member_code": "x"}, {"member_code": phone.wrong_code()}, {"presence_token": "x"}):
        check_problem(sell(district, **body, **buyer), 409, "reference-conflict")


def test_an_idempotency_key_compares_buyers_alike(district: District, phone: Phone) -> None:
    body = district.sale(amount=10_000)
    first = sell(district, **body, member_code=phone.code(), idempotency_key="k").ok(201)
    for buyer in ({"member_code": phone.code()}, {"member_id": phone.member_id}, {"member_code": phone.code(-20)}):
        again = sell(district, **body, **buyer, idempotency_key="k")
        assert again.ok(201) == first
        assert again.headers["Idempotent-Replayed"] == "true"
    friend = new_phone_of(district)
    refused = sell(district, **body, member_code=friend.code(), idempotency_key="k")
    check_problem(refused, 422, "idempotency-key-reused")


@pytest.mark.usefixtures("books")
def test_a_batch_of_codes(district: District, phone: Phone) -> None:
    """Each stands alone: what was sold offline earns, a second spending with one code doesn't, wrong ones are told."""
    occurred_at, seconds = minutes_ago(45)
    friend, code = new_phone_of(district), phone.code()
    sales = [
        district.sale(member_code=phone.code_at(seconds), occurred_at=occurred_at),
        district.sale(member_code=code, points_to_spend=100),
        district.sale(member_code=code, points_to_spend=100),
        district.sale(member_code=code),
        district.sale(member_code=friend.code()),
        district.sale(member_code=friend.wrong_code()),
        district.sale(presence_token=token_of(district, phone, 1), points_to_spend=50),
        district.sale(member_code=phone.code(-5)),
    ]
    batch = {"transactions": sales}
    results = district.api.post("/v1/transactions/batch", batch, district.shop.key).ok(200)["results"]
    assert [one["status"] for one in results] == [201, 201, 409, 201, 201, 404, 201, 410]
    assert results[2]["problem"]["code"] == "member-code-used"
    assert results[5]["problem"]["errors"][0]["pointer"] == "/member_code"
    again = district.api.post("/v1/transactions/batch", batch, district.shop.key).ok(200)["results"]
    assert [one["status"] for one in again] == [200, 200, 409, 200, 200, 404, 200, 410]


def test_a_batch_is_no_way_to_guess(district: District, phone: Phone) -> None:
    """The same ten tries, though they come at once; another moment is another try."""
    moments = [minutes_ago(60 * hours)[0] for hours in range(1, guessing.PER_TILL_AND_MEMBER.amount + 4)]
    code = phone.wrong_code()
    sales = [district.sale(member_code=code, occurred_at=moment) for moment in moments]
    sales.append(district.sale(member_code=phone.code()))
    batch = {"transactions": sales}
    results = district.api.post("/v1/transactions/batch", batch, district.shop.key).ok(200)["results"]
    most = guessing.PER_TILL_AND_MEMBER.amount
    assert [one["status"] for one in results] == [404] * most + [429] * (len(sales) - most)
    check_problem(sell(district, member_code=phone.code()), 429, "rate-limited")
    other = district.other_shop
    district.report(key=other.key, store_id=other.store_id, member_code=phone.code()).ok(201)


def test_quotes_and_reports_count_wrong_codes_together(district: District, phone: Phone) -> None:
    most = guessing.PER_TILL_AND_MEMBER.amount
    for number in range(most - 1):
        check_problem(sell(district, member_code=phone.wrong_code(number)), 404)
    body = district.sale(member_code=phone.wrong_code(99))
    check_problem(district.api.post("/v1/transactions/quote", body, district.shop.key), 404)
    refused = check_problem(sell(district, member_code=phone.code()), 429, "rate-limited")
    assert int(refused.headers["Retry-After"]) > 0
    sell(district, member_id=phone.member_id).ok(201)


def test_a_known_reference_is_no_way_to_guess(district: District, phone: Phone) -> None:
    body = district.sale()
    sell(district, **body, member_id=phone.member_id).ok(201)
    for number in range(guessing.PER_TILL_AND_MEMBER.amount):
        check_problem(sell(district, **body, member_code=phone.wrong_code(number)), 409, "reference-conflict")
    check_problem(sell(district, member_code=phone.code()), 429, "rate-limited")
    sell(district, **body, member_id=phone.member_id).ok(200)


def claim(district: District, sale_id: str, code: str) -> Reply:
    return district.api.post(f"/v1/transactions/{sale_id}/claim", {"member_code": code}, district.shop.key)


@pytest.mark.usefixtures("books")
def test_who_comes_back_with_the_receipt_shows_a_code(district: District, phone: Phone) -> None:
    sale_id = sell(district).ok(201)["id"]
    claimed = claim(district, sale_id, phone.code()).ok(200)
    assert (claimed["member_id"], claimed["points_earned"]) == (phone.member_id, 100)
    assert claim(district, sale_id, phone.code()).ok(200)["points_earned"] == 100
    assert claim(district, sale_id, phone.code(-9)).ok(200)["points_earned"] == 100
    check_problem(claim(district, sale_id, new_phone_of(district).code()), 409, "already-claimed")


def test_a_claim_with_an_old_or_wrong_code_gives_nothing(
    district: District, phone: Phone, superuser: psycopg.Connection
) -> None:
    sale_id = sell(district).ok(201)["id"]
    before = checksums(superuser, district.id)
    assert check_problem(claim(district, sale_id, phone.code(-2)), 410, "member-code-expired").pointers
    for number in range(guessing.PER_TILL_AND_MEMBER.amount):
        refused = check_problem(claim(district, sale_id, phone.wrong_code(number)), 404, "not-found")
        assert refused.pointers == {"/member_code"}
    check_problem(claim(district, sale_id, phone.code()), 429, "rate-limited")
    assert checksums(superuser, district.id) == before


@pytest.mark.usefixtures("books")
def test_a_payment_reported_before_is_claimed_by_a_code(district: District, phone: Phone) -> None:
    """The payment company's report comes first and knows nobody; the till's names the member."""
    sell(district, payment_reference="4200001").ok(201)
    stale = sell(district, payment_reference="4200001", member_code=phone.code(-3))
    check_problem(stale, 410, "member-code-expired")
    mine = sell(district, payment_reference="4200001", member_code=phone.code()).ok(200)
    assert mine["member_id"] == phone.member_id
    assert sell(district, payment_reference="4200001", member_code=phone.code(-3)).ok(200)["id"] == mine["id"]

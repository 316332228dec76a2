"""A member shows a code at a till: whose it is, once, for a minute; and what wrong ones are told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import psycopg
import pytest
from psycopg import sql

from app.foundation.clock import parse_instant, utc_now
from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.tenancy import system_principal
from app.members.codes import guessing
from app.members.codes import keys as code_keys
from tests.factories.api import Api
from tests.factories.checksums import checksums
from tests.factories.clock import ago
from tests.factories.codes import Phone, early_in_the_minute, new_phone_of, phone_of, resolve
from tests.factories.districts import District, new_district
from tests.factories.problems import check_problem

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def phone(district: District, context: None) -> Phone:
    early_in_the_minute()
    return new_phone_of(district, name="王小明")


@pytest.fixture
def unchanged(district: District, phone: Phone, superuser: psycopg.Connection) -> Iterator[None]:
    before = checksums(superuser, district.id)
    yield
    assert checksums(superuser, district.id) == before


def minutes_until(instant: str) -> float:
    return (parse_instant(instant) - utc_now()).total_seconds() / 60


def test_a_code_says_who_stands_at_the_till(district: District, phone: Phone) -> None:
    district.report(member_id=phone.member_id).ok(201)
    reply = resolve(district, phone.code())
    body = reply.ok(200)
    assert reply.headers["Cache-Control"] == "no-store"
    assert body["member"] == {"id": phone.member_id, "masked_name": "王**", "tier": None, "points": 128}
    assert body["store_id"] == district.shop.store_id
    assert body["presence_token"].startswith("pt_")
    assert 9.9 < minutes_until(body["expires_at"]) <= 10


def test_a_member_without_a_name_has_none_to_mask(district: District) -> None:
    early_in_the_minute()
    assert resolve(district, new_phone_of(district).code()).ok(200)["member"]["masked_name"] is None


@pytest.mark.parametrize("ahead", [-1, 0, 1])
def test_the_minutes_beside_count(district: District, phone: Phone, ahead: int) -> None:
    assert resolve(district, phone.code(ahead)).ok(200)["member"]["id"] == phone.member_id


def test_a_code_is_typed_with_spaces(district: District, phone: Phone) -> None:
    code = phone.code()
    resolve(district, f"{code[:2]} {code[2:12]} {code[12:]}").ok(200)


@pytest.mark.usefixtures("unchanged")
def test_a_screenshot_is_useless_two_minutes_later(district: District, phone: Phone) -> None:
    for minutes in (-2, -3, -60):
        refused = check_problem(resolve(district, phone.code(minutes)), 410, "member-code-expired")
        assert refused.pointers == {"/code"}


@pytest.mark.usefixtures("unchanged")
def test_codes_to_come_are_wrong_ones(district: District, phone: Phone) -> None:
    check_problem(resolve(district, phone.code(2)), 404, "not-found")


def test_a_code_proves_once(district: District, phone: Phone, superuser: psycopg.Connection) -> None:
    code = phone.code()
    resolve(district, code).ok(200)
    before = checksums(superuser, district.id)
    for key, store in (
        (district.shop.key, district.shop),
        (district.other_shop.key, district.other_shop),
        (district.key, district.other_shop),
    ):
        refused = check_problem(resolve(district, code, key, store_id=store.store_id), 409, "member-code-used")
        assert refused.pointers == {"/code"}
    assert checksums(superuser, district.id) == before
    resolve(district, phone.code(1)).ok(200)


def test_the_same_request_again_gets_the_same_answer(district: District, phone: Phone) -> None:
    code = phone.code()
    first = resolve(district, code, idempotency_key="again").ok(200)
    again = resolve(district, code, idempotency_key="again")
    assert again.ok(200) == first
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Cache-Control"] == "no-store"
    check_problem(resolve(district, phone.code(1), idempotency_key="again"), 422, "idempotency-key-reused")
    check_problem(resolve(district, code, idempotency_key="other"), 409, "member-code-used")


def test_nothing_personal_is_kept_under_the_key(
    district: District, phone: Phone, superuser: psycopg.Connection
) -> None:
    code = phone.code()
    token = resolve(district, code, idempotency_key="kept").ok(200)["presence_token"]
    [(answer,)] = superuser.execute(
        "SELECT answer::text FROM idempotency_keys WHERE district_id = %s AND key = 'kept'", (district.id[-32:],)
    ).fetchall()
    for secret in (code, code[-6:], token, phone.number, "王"):
        assert secret not in answer


@pytest.mark.usefixtures("unchanged")
def test_a_wrong_code_is_answered_alike_whatever_is_wrong(api: Api, district: District, phone: Phone) -> None:
    stranger = new_phone_of(new_district(api)).code()
    without_key = phone.number
    wrong = [
        phone.wrong_code(),
        stranger,
        f"880000000000{phone.code()[-6:]}",
        f"13{without_key}123456",
        "88",
        "x" * 60,
        "王小明",
    ]
    answers = [check_problem(resolve(district, code), 404, "not-found").body for code in wrong]
    for body in answers:
        assert {**body, "request_id": ""} == {**answers[0], "request_id": ""}
        assert [flaw["pointer"] for flaw in body["errors"]] == ["/code"]


def test_a_code_of_another_district_is_a_wrong_one_there(api: Api, district: District, phone: Phone) -> None:
    other = new_district(api)
    code = phone.code()
    check_problem(resolve(other, code), 404, "not-found")
    resolve(district, code).ok(200)


def test_a_till_names_its_own_store(api: Api, district: District, phone: Phone, superuser: psycopg.Connection) -> None:
    store_key = district.store_key(district.shop)
    before = checksums(superuser, district.id)
    for store in (district.other_shop.store_id, new_district(api).shop.store_id):
        for key in (district.shop.key, store_key):
            refused = check_problem(resolve(district, phone.code(), key, store_id=store), 404, "not-found")
            assert refused.pointers == {"/store_id"}
    refused = check_problem(resolve(district, phone.code(), store_id=None), 422, "validation-failed")
    assert refused.pointers == {"/store_id"}
    assert checksums(superuser, district.id) == before


def test_a_store_s_own_key_needs_to_name_none(district: District, phone: Phone) -> None:
    body = resolve(district, phone.code(), district.store_key(district.shop), store_id=None).ok(200)
    assert body["store_id"] == district.shop.store_id


def test_whoever_shows_a_code_is_that_merchant_s_member_from_then_on(district: District) -> None:
    early_in_the_minute()
    phone = new_phone_of(district, key=district.other_shop.key)
    resolve(district, phone.code()).ok(200)
    district.api.get(f"/v1/members/{phone.member_id}/points", district.shop.key).ok(200)


def test_a_new_key_ends_the_codes_of_the_old_one(district: District, phone: Phone) -> None:
    shown, next_one = phone.code(), phone.code(1)
    found = phone_of(district, phone.member_id, renew=True)
    assert found.key != phone.key
    assert phone_of(district, phone.member_id).key == found.key
    check_problem(resolve(district, next_one), 404, "not-found")
    check_problem(resolve(district, shown), 410, "member-code-expired")
    resolve(district, found.code()).ok(200)


def test_few_old_keys_are_kept(district: District, phone: Phone, superuser: psycopg.Connection) -> None:
    for _ in range(6):
        phone_of(district, phone.member_id, renew=True)
    versions = superuser.execute(
        "SELECT version, ended_at > now() FROM member_code_keys WHERE member_id = %s ORDER BY version",
        (phone.member_id[-32:],),
    ).fetchall()
    assert versions == [(4, False), (5, False), (6, False), (7, True)]


def test_used_codes_are_forgotten_after_a_day(district: District, phone: Phone, superuser: psycopg.Connection) -> None:
    def uses() -> list[tuple[datetime]]:
        return superuser.execute(
            "SELECT used_at FROM member_code_uses WHERE district_id = %s", (district.id[-32:],)
        ).fetchall()

    resolve(district, phone.code()).ok(200)
    with unit_of_work(system_principal(district.id)) as uow:
        assert code_keys.forget_used(uow) == 0
    assert len(uses()) == 1
    superuser.execute("UPDATE member_code_uses SET used_at = used_at - interval '25 hours'")
    with unit_of_work(system_principal(district.id)) as uow:
        assert code_keys.forget_used(uow) == 1
    assert uses() == []


def test_who_guesses_is_stopped_and_the_member_served_elsewhere(district: District, phone: Phone) -> None:
    """Ten wrong codes about one member: this till knows that member by phone only, for an hour. Others scan on."""
    for number in range(guessing.PER_TILL_AND_MEMBER.amount):
        check_problem(resolve(district, phone.wrong_code(number)), 404, "not-found")
    for code in (phone.code(), phone.wrong_code(77)):
        refused = check_problem(resolve(district, code), 429, "rate-limited")
        assert 0 < int(refused.headers["Retry-After"]) <= 3600
    friend = new_phone_of(district)
    resolve(district, friend.code()).ok(200)
    resolve(district, phone.code(), district.other_shop.key, store_id=district.other_shop.store_id).ok(200)


def test_a_till_that_guesses_at_many_is_stopped(district: District, phone: Phone) -> None:
    for number in range(guessing.PER_TILL.amount):
        check_problem(resolve(district, f"88{number:010d}123456"), 404, "not-found")
    check_problem(resolve(district, phone.code()), 429, "rate-limited")
    resolve(district, phone.code(), district.other_shop.key, store_id=district.other_shop.store_id).ok(200)


def test_tills_together_lock_nobody_out(district: District, phone: Phone) -> None:
    """Beyond what all tills may guess about a member, a till has one try: the honest one gets in."""
    count = -(-guessing.PER_MEMBER.amount // guessing.PER_TILL_AND_MEMBER.amount)
    *tills, newcomer = [district.merchant_key(district.shop) for _ in range(count + 1)]
    wrong = iter(range(1000))
    for key in tills:
        for _ in range(guessing.PER_TILL_AND_MEMBER.amount):
            check_problem(resolve(district, phone.wrong_code(next(wrong)), key), 404, "not-found")
    check_problem(resolve(district, phone.wrong_code(next(wrong)), newcomer), 404, "not-found")
    check_problem(resolve(district, phone.wrong_code(next(wrong)), newcomer), 429, "rate-limited")
    resolve(district, phone.code()).ok(200)


def test_old_and_used_codes_are_no_guesses(district: District, phone: Phone) -> None:
    code = phone.code()
    resolve(district, code).ok(200)
    for _ in range(guessing.PER_TILL_AND_MEMBER.amount + 1):
        check_problem(resolve(district, code), 409)
        check_problem(resolve(district, phone.code(-2)), 410)
    resolve(district, phone.code(1)).ok(200)


def test_one_till_s_guesses_are_counted_store_by_store_for_a_district_key(district: District, phone: Phone) -> None:
    for number in range(guessing.PER_TILL_AND_MEMBER.amount):
        check_problem(resolve(district, phone.wrong_code(number), district.key), 404)
    check_problem(resolve(district, phone.code(), district.key), 429)
    resolve(district, phone.code(), district.key, store_id=district.other_shop.store_id).ok(200)


def test_after_a_merge_what_the_old_phone_showed_is_the_survivor_s(district: District, phone: Phone) -> None:
    """The merged member's sessions end, and so do its codes; those shown before, to tills offline too, still count."""
    early_in_the_minute()
    survivor = new_phone_of(district, name="王芳")
    district.report(member_id=phone.member_id, amount=10_000).ok(201)
    occurred_at, code_of_then = ago(minutes=90), phone.code(-90)
    first = resolve(district, phone.code(-1), idempotency_key="before").ok(200)
    assert first["member"]["id"] == phone.member_id
    district.api.post(f"/v1/members/{phone.member_id}/merge", {"into": survivor.member_id}, district.key).ok(200)
    check_problem(resolve(district, phone.code()), 410, "member-code-expired")
    again = resolve(district, phone.code(-1), idempotency_key="before").ok(200)
    assert again["member"]["id"] == survivor.member_id
    late = district.report(key=district.shop.key, member_code=code_of_then, occurred_at=occurred_at).ok(201)
    assert late["member_id"] == survivor.member_id
    token = again["presence_token"]
    spent = district.report(key=district.shop.key, presence_token=token, points_to_spend=50).ok(201)
    assert (spent["member_id"], spent["points_spent"]) == (survivor.member_id, 50)
    here = resolve(district, survivor.code()).ok(200)
    assert (here["member"]["id"], here["member"]["masked_name"]) == (survivor.member_id, "王*")


def test_who_has_left_shows_no_code(district: District, phone: Phone, superuser: psycopg.Connection) -> None:
    old = new_phone_of(district)
    district.api.post(f"/v1/members/{old.member_id}/merge", {"into": phone.member_id}, district.key).ok(200)
    district.api.delete(f"/v1/members/{phone.member_id}", district.key).ok()
    for one in (phone, old):
        check_problem(resolve(district, one.code()), 404, "not-found")
        check_problem(district.report(key=district.shop.key, member_code=one.code()), 404, "not-found")
    for table in ("member_code_keys", "member_code_uses"):
        rows = superuser.execute(
            sql.SQL("SELECT count(*) FROM {} WHERE district_id = %s").format(sql.Identifier(table)),
            (district.id[-32:],),
        ).fetchone()
        assert rows == (0,)

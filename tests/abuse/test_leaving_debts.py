"""Whoever leaves owing points and comes back owes them again; nobody else ever does."""

from __future__ import annotations

import psycopg
import pytest

from tests.factories.books import broken
from tests.factories.districts import District, new_phone
from tests.factories.lists import events
from tests.factories.refunds import give_back
from tests.factories.shoppers import proof, sign_in

pytestmark = pytest.mark.usefixtures("context")


def owing(district: District, phone: str, points: int = 500) -> str:
    """A member who has spent what a sale earned that was then given back."""
    member = district.member(phone)
    sale = district.report(member_id=member, amount=points * 100).ok(201)["id"]
    district.report(member_id=member, amount=points * 2, points_to_spend=points).ok(201)
    give_back(district, sale, points * 100)
    assert owed(district, member) == points
    return member


def owed(district: District, member: str) -> int:
    return int(district.balance(member)["owed"])


def leave(district: District, member: str) -> None:
    district.api.delete(f"/v1/members/{member}", district.key).ok(200)


@pytest.mark.parametrize("way", ["till", "sign-in", "batch", "own change", "alliance's change"])
def test_who_joins_again_owes_again(district: District, way: str) -> None:
    """By whichever way; the next earnings pay it, and the books hold at every step."""
    phone = new_phone()
    member = owing(district, phone)
    debt = owed(district, member)
    leave(district, member)
    assert broken(district.id) == {}
    if way == "sign-in":
        again = sign_in(district, phone)["member_id"]
    elif way == "till":
        again = district.member(phone)
    elif way == "own change":
        friends = new_phone()
        tokens = sign_in(district, friends)
        again = tokens["member_id"]
        body = {**proof(district, phone), "old": proof(district, friends)}
        district.api.post("/v1/me/phone", body, tokens["access_token"]).ok(200)
    elif way == "alliance's change":
        again = district.member()
        district.api.patch(f"/v1/members/{again}", {"phone": phone, "reason": "asked"}, district.key).ok(200)
    else:
        body = {"members": [{"phone": new_phone()}, {"phone": phone}]}
        results = district.api.post("/v1/members/batch", body, district.key).ok(200)["results"]
        again = results[1]["member"]["id"]
    assert owed(district, again) == debt
    assert broken(district.id) == {}
    assert events(district, "points.debt_returned") == [{"member_id": again, "points": debt}]
    district.report(member_id=again, amount=10_000).ok(201)
    assert owed(district, again) == debt - 100
    assert broken(district.id) == {}


def test_a_debt_comes_back_once(district: District) -> None:
    """Whoever had two numbers owes by the first that comes back, and what was paid meanwhile isn't owed again."""
    phones = [new_phone(), new_phone()]
    member, old = owing(district, phones[0]), district.member(phones[1])
    district.api.post(f"/v1/members/{old}/merge", {"into": member}, district.key).ok(200)
    debt = owed(district, member)
    leave(district, member)
    first, second = (district.member(phone) for phone in phones)
    assert (owed(district, first), owed(district, second)) == (debt, 0)
    district.report(member_id=first, amount=debt * 100).ok(201)
    leave(district, first)
    assert owed(district, district.member(phones[0])) == 0
    assert broken(district.id) == {}


def test_it_is_forgotten_after_a_year(district: District, superuser: psycopg.Connection) -> None:
    """As long as the trace of the phone is kept, and no longer."""
    phone = new_phone()
    leave(district, owing(district, phone))
    superuser.execute(
        "UPDATE phone_traces SET left_at = left_at - interval '365 days' WHERE district_id = %s", (district.id[-32:],)
    )
    assert owed(district, district.member(phone)) == 0
    assert broken(district.id) == {}


def test_the_new_owner_of_a_number_inherits_no_debt(district: District, superuser: psycopg.Connection) -> None:
    """A number that was recycled leaves its old member the debt, also when that member is erased later."""
    phone = new_phone()
    member = owing(district, phone)
    for table, column in (("members", "created_at"), ("sessions", "used_at"), ("transactions", "recorded_at")):
        superuser.execute(
            f"UPDATE {table} SET {column} = {column} - interval '200 days' WHERE district_id = %s", (district.id[-32:],)
        )
    newcomer = sign_in(district, phone)["member_id"]
    assert (newcomer != member, owed(district, newcomer)) == (True, 0)
    leave(district, member)
    leave(district, newcomer)
    assert owed(district, district.member(phone)) == 0
    assert broken(district.id) == {}


def test_who_owed_nothing_owes_nothing(district: District, other_district: District) -> None:
    """A debt in one district is none in another."""
    phone = new_phone()
    leave(district, owing(district, phone))
    assert owed(other_district, other_district.member(phone)) == 0


def test_what_is_kept_of_a_debt_leads_to_nobody(district: District, superuser: psycopg.Connection) -> None:
    """A trace tells a debt, and neither the phone nor the member who is gone."""
    phone = new_phone()
    member = owing(district, phone)
    leave(district, member)
    rows = superuser.execute("SELECT t::text FROM phone_traces AS t WHERE district_id = %s", (district.id[-32:],))
    [(row,)] = rows.fetchall()
    assert (phone in row, member[-32:] in row.replace("-", "")) == (False, False)

"""A presence token spends once."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.factories.api import Reply
from tests.factories.books import broken
from tests.factories.checksums import checksums
from tests.factories.codes import Phone, new_phone_of, resolve
from tests.factories.districts import District
from tests.factories.problems import check_problem

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def phone(district: District) -> Phone:
    """The phone of a member with 1,000 points."""
    phone = new_phone_of(district)
    district.report(member_id=phone.member_id, amount=100_000).ok(201)
    return phone


@pytest.fixture
def token(district: District, phone: Phone) -> str:
    """What the till got when the code was shown."""
    return str(resolve(district, phone.code()).ok(200)["presence_token"])


def spend(district: District, token: str, **sale: Any) -> Reply:
    body = {"amount": 10_000, "points_to_spend": 100, "presence_token": token, **sale}
    return district.report(key=district.shop.key, **body)


def check_used(reply: Reply) -> None:
    assert check_problem(reply, 409, "member-code-used").pointers == {"/presence_token"}


def test_a_token_spends_once(district: District, phone: Phone, token: str, superuser: psycopg.Connection) -> None:
    """The second sale that spends by it is refused, and nothing changes; earning goes on."""
    spend(district, token).ok(201)
    before = checksums(superuser, district.id)
    check_used(spend(district, token))
    body = district.sale(amount=10_000, points_to_spend=100, presence_token=token)
    check_used(district.api.post("/v1/transactions/quote", body, district.shop.key))
    batch = district.api.post("/v1/transactions/batch", {"transactions": [body]}, district.shop.key).ok(200)["results"]
    assert (batch[0]["status"], batch[0]["problem"]["code"]) == (409, "member-code-used")
    assert checksums(superuser, district.id) == before
    earned = spend(district, token, points_to_spend=0).ok(201)
    assert (earned["member_id"], earned["points_earned"]) == (phone.member_id, 100)
    assert broken(district.id) == {}


def test_a_token_spends_once_in_a_batch(district: District, phone: Phone, token: str) -> None:
    """Of three that spend, the first does."""
    sales = [
        district.sale(amount=10_000, points_to_spend=points, presence_token=token) for points in (0, 100, 100, 100)
    ]
    rows = district.api.post("/v1/transactions/batch", {"transactions": sales}, district.shop.key).ok(200)["results"]
    assert [row["status"] for row in rows] == [201, 201, 409, 409]
    assert district.balance(phone.member_id)["available"] == 1_000 - 100 + 100 + 99


def test_a_quote_and_a_refusal_use_nothing_up(district: District, phone: Phone, token: str) -> None:
    """What a basket would cost may be asked, and a mistake mended, before it is spent."""
    body = district.sale(amount=10_000, points_to_spend=100, presence_token=token)
    for _ in range(2):
        district.api.post("/v1/transactions/quote", body, district.shop.key).ok(200)
    assert spend(district, token, points_to_spend=5_000).status == 422
    assert spend(district, token, eligible_amount=10_000).status == 422
    spend(district, token).ok(201)


def test_the_same_sale_again_is_answered(district: District, phone: Phone, token: str) -> None:
    """A report whose answer was lost is no second one."""
    body = district.sale(amount=10_000, points_to_spend=100, presence_token=token)
    first = district.api.post("/v1/transactions", body, district.shop.key, "K1").ok(201)
    assert district.api.post("/v1/transactions", body, district.shop.key, "K1").ok(201)["id"] == first["id"]
    assert district.api.post("/v1/transactions", body, district.shop.key).ok(200)["id"] == first["id"]
    assert district.balance(phone.member_id)["spendable"] == 1_000 - 100 + 99

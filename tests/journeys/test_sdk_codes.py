"""A till with the SDK: a code is resolved, a sale spends by the token, and an offline sale earns by the code of then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from merchant_sdk import Client, MemberCodeExpired, MemberCodeUsed, NotFound, OfflineQueue, make_member_code
from tests.factories.clock import now
from tests.factories.codes import Phone, early_in_the_minute, new_phone_of
from tests.factories.districts import District


@pytest.fixture
def till(address: str, district: District) -> Iterator[Client]:
    with Client(district.shop.key, address) as client:
        yield client


@pytest.fixture
def phone(district: District, context: None) -> Phone:
    phone = new_phone_of(district, name="王小明")
    district.report(member_id=phone.member_id, amount=50_000).ok(201)
    early_in_the_minute()
    return phone


def code_of(phone: Phone, minutes_ago: float = 0) -> str:
    return make_member_code(phone.number, phone.key, now() - timedelta(minutes=minutes_ago))


def test_two_scans_and_one_tap(till: Client, district: District, phone: Phone) -> None:
    store = district.shop.store_id
    here = till.members.resolve(code_of(phone), store_id=store)
    assert (here.member.id, here.member.masked_name, here.member.points) == (phone.member_id, "王**", 500)
    basket = {"store_id": store, "presence_token": here.presence_token, "amount": 12_800, "points_to_spend": 300}
    quote = till.transactions.quote(reference="A-1", **basket)  # type: ignore[arg-type]
    sale = till.transactions.report(reference="A-1", **basket)  # type: ignore[arg-type]
    assert (quote.paid_amount, sale.paid_amount, sale.points_earned) == (12_500, 12_500, 125)
    with pytest.raises(MemberCodeUsed):
        till.members.resolve(code_of(phone), store_id=store)
    with pytest.raises(MemberCodeExpired):
        till.members.resolve(code_of(phone, 2), store_id=store)
    with pytest.raises(NotFound):
        till.members.resolve(phone.wrong_code(), store_id=store)


def test_a_code_in_the_report_itself(till: Client, district: District, phone: Phone) -> None:
    code, store = code_of(phone), district.shop.store_id
    first = till.transactions.report(
        reference="A-1", store_id=store, member_code=code, amount=1_000, points_to_spend=500
    )
    again = till.transactions.report(
        reference="A-1", store_id=store, member_code=code, amount=1_000, points_to_spend=500
    )
    assert (first.points_spent, again.id) == (500, first.id)
    unclaimed = till.transactions.report(reference="A-2", store_id=store, amount=1_000)
    assert till.transactions.claim(unclaimed.id, member_code=code_of(phone)).member_id == phone.member_id


def test_what_is_sold_offline_earns_and_spends_nothing(
    till: Client, district: District, phone: Phone, tmp_path: Path
) -> None:
    then = now() - timedelta(hours=3)
    code = make_member_code(phone.number, phone.key, then)
    sale = {"store_id": district.shop.store_id, "member_code": code, "amount": 10_000, "occurred_at": then}
    with OfflineQueue(tmp_path / "queue.db", till) as queue:
        queue.report(reference="A-1", **sale)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="only while the server answers"):
            queue.report(reference="A-2", points_to_spend=100, **sale)  # type: ignore[arg-type]
        report = queue.send()
        assert (report.sent, report.rejected, report.waiting) == (1, 0, 0)
    with pytest.raises(MemberCodeExpired):  # a queue that is older kept such sales
        till.transactions.report(reference="A-2", points_to_spend=100, **sale)  # type: ignore[arg-type]
    assert district.balance(phone.member_id)["available"] == 600

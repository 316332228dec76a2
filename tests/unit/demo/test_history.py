from __future__ import annotations

import gzip
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import phonenumbers
import pytest

from demo import history
from demo.history import Purchase
from demo.street import STORES

TODAY = date(2026, 3, 2)
SHIFT = history.day_shift(TODAY)
STORE_IDS = {store.code: f"str_{store.code}" for store in STORES}

PINNED = {
    "reference": "cdnow-000004",
    "store_id": "str_A104-2",
    "member_id": "mem_2",
    "amount": 7700,
    "currency": "CNY",
    "occurred_at": "2024-09-13T13:38:28+08:00",
    "channel": "till",
    "payment_method": "wechat",
    "items": [{"sku": "A104-04", "name": "外带便当", "category": "餐饮", "quantity": 5, "amount": 7700}],
}


@pytest.fixture(scope="module")
def purchases() -> list[Purchase]:
    return history.read()


def _rows() -> list[list[str]]:
    text = gzip.decompress(history.DATA.read_bytes()).decode("ascii")
    return [line.split() for line in text.splitlines()[1:]]


def test_every_line_becomes_one_purchase_with_a_reference_of_its_own(purchases: list[Purchase]) -> None:
    assert len(purchases) == 69_659
    assert len({purchase.reference for purchase in purchases}) == 69_659
    assert purchases[0] == Purchase(2, 1, date(1997, 1, 1), 1, 1177)
    assert purchases[0].reference == "cdnow-000002"
    assert history.customers(purchases) == list(range(1, 23_571))


def test_fen_are_the_files_dollars_to_the_cent(purchases: list[Purchase]) -> None:
    rows = _rows()
    assert sum(purchase.amount for purchase in purchases) == sum(Decimal(row[3]) for row in rows) * 100
    assert all(purchase.amount == Decimal(row[3]) * 100 for purchase, row in zip(purchases, rows, strict=True))
    assert sum(purchase.amount == 0 for purchase in purchases) == 80


@pytest.mark.parametrize(("dollars", "amount"), [("0.00", 0), ("11.77", 1177), ("0.29", 29), ("1286.01", 128601)])
def test_fen(dollars: str, amount: int) -> None:
    assert history.fen(dollars) == amount


@pytest.mark.parametrize("dollars", ["11", "11.7", "11.770", "-1.00", "1e2", ".50", "1.-5", ""])
def test_fen_refuses_another_form(dollars: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        history.fen(dollars)


def test_a_line_that_lacks_a_column_is_refused(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.txt.gz"
    damaged.write_bytes(gzip.compress(b"header\r\n 00001 19970101  1\r\n"))
    with pytest.raises(ValueError, match="unpack"):
        history.read(damaged)


def test_the_last_sale_is_yesterday_and_the_first_keeps_its_distance(purchases: list[Purchase]) -> None:
    moments = [history.occurred_at(purchase, SHIFT) for purchase in purchases]
    assert max(moments).date() == TODAY - timedelta(days=1)
    assert max(moments).date() - min(moments).date() == date(1998, 6, 30) - date(1997, 1, 1)
    assert all(10 <= moment.hour < 22 and moment.utcoffset() == timedelta(hours=8) for moment in moments)
    assert len({moment.hour for moment in moments}) == 12


def test_yesterday_is_the_streets_yesterday() -> None:
    late_in_utc = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)
    assert history.street_date(late_in_utc) == TODAY
    assert history.street_date(late_in_utc - timedelta(hours=1)) == date(2026, 3, 1)


def test_phones_are_valid_mainland_mobiles_and_unique() -> None:
    phones = [history.phone(customer) for customer in range(1, 23_571)]
    assert len(set(phones)) == len(phones)
    assert all(len(phone) == 11 and phone.startswith("1349") for phone in phones)
    for phone in phones:
        number = phonenumbers.parse(phone, "CN")
        assert phonenumbers.is_valid_number_for_region(number, "CN")
        assert phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE


def test_some_people_leave_a_name_or_a_birthday() -> None:
    people = [history.person(customer) for customer in range(1, 2_001)]
    assert people == [history.person(customer) for customer in range(1, 2_001)]
    assert 1_300 < sum(person.name is not None for person in people) < 1_500
    assert 900 < sum(person.birthday is not None for person in people) < 1_100
    assert all(date(1955, 1, 1) <= person.birthday < date(2005, 1, 1) for person in people if person.birthday)
    assert all(2 <= len(person.name) <= 3 for person in people if person.name)


def test_a_line_depends_on_nothing_but_itself(purchases: list[Purchase]) -> None:
    sample = purchases[::997]
    alone = [history.sale(purchase, SHIFT, STORE_IDS, "mem_1") for purchase in reversed(sample)]
    assert [history.sale(purchase, SHIFT, STORE_IDS, "mem_1") for purchase in sample] == alone[::-1]


def test_draws_never_change() -> None:
    """Written down once: a district that was loaded by an earlier version is told the same sales again."""
    body = history.sale(Purchase(4, 2, date(1997, 1, 12), 5, 7700), SHIFT, STORE_IDS, "mem_2")
    assert body == PINNED


def test_the_shift_moves_the_day_and_nothing_else(purchases: list[Purchase]) -> None:
    for purchase in purchases[::5_000]:
        here, later = (history.sale(purchase, shift, STORE_IDS, "m") for shift in (SHIFT, SHIFT + 3))
        moved = datetime.fromisoformat(here.pop("occurred_at")) + timedelta(days=3)
        assert datetime.fromisoformat(later.pop("occurred_at")) == moved
        assert here == later


def test_popularity_has_a_long_tail_and_no_store_is_empty(purchases: list[Purchase]) -> None:
    visits = Counter(history.store_of(purchase).code for purchase in purchases)
    counts = sorted(visits.values(), reverse=True)
    assert len(counts) == len(STORES)
    assert sum(counts[: len(counts) // 5]) > 0.4 * len(purchases)
    assert sum(counts[len(counts) // 2 :]) < 0.25 * len(purchases)
    assert counts[0] > 15 * counts[-1] > 0


def test_people_come_back_to_a_few_shops(purchases: list[Purchase]) -> None:
    visits: dict[int, Counter[str]] = {}
    for purchase in purchases:
        visits.setdefault(purchase.customer, Counter())[history.store_of(purchase).code] += 1
    regulars = [shops for shops in visits.values() if shops.total() >= 20]
    assert len(regulars) > 100
    favourite = sum(shops.most_common(1)[0][1] for shops in regulars) / sum(shops.total() for shops in regulars)
    assert favourite > 0.4


def test_sales_are_bodies_the_api_takes(purchases: list[Purchase]) -> None:
    member_ids = {customer: f"mem_{customer}" for customer in history.customers(purchases)}
    bodies = list(history.sales(purchases, SHIFT, STORE_IDS, member_ids))
    assert len(bodies) == len(purchases)
    for purchase, body in zip(purchases, bodies, strict=True):
        assert body["amount"] == purchase.amount
        assert body["member_id"] == f"mem_{purchase.customer}"
        assert [row["quantity"] for row in body["items"]] == [purchase.quantity]
        assert [row["amount"] for row in body["items"]] == [purchase.amount]
    assert Counter(body["payment_method"] for body in bodies).most_common(1)[0][0] == "wechat"
    assert {body["channel"] for body in bodies} == {"till", "mini_program", "delivery"}


def test_no_pieces_no_row() -> None:
    purchase = Purchase(7, 1, date(1997, 1, 1), 0, 0)
    assert history.items(purchase, history.store_of(purchase)) == []


def test_by_date_is_the_order_in_which_it_happened(purchases: list[Purchase]) -> None:
    ordered = history.by_date(purchases)
    moments = [history.occurred_at(purchase, SHIFT) for purchase in ordered]
    assert moments == sorted(moments)
    assert Counter(ordered) == Counter(purchases)


def test_the_slice_holds_whole_histories(purchases: list[Purchase]) -> None:
    quick = history.first_customers(purchases, 1_500)
    assert len(quick) == 4_652
    assert history.customers(quick) == list(range(1, 1_501))
    assert quick == [purchase for purchase in purchases if purchase.customer in set(range(1, 1_501))]


def test_time_of_day_is_the_shops() -> None:
    moment = history.occurred_at(Purchase(2, 1, date(1997, 1, 1), 1, 1177), SHIFT)
    assert str(moment.tzinfo) == "Asia/Shanghai"

"""Rules that look at the member: tags, first sales, birthdays."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.foundation.clock import format_instant
from tests.factories.clock import now
from tests.factories.districts import District, new_phone
from tests.factories.points import base_rule, bonus, new_version

SHANGHAI = ZoneInfo("Asia/Shanghai")


def told(sale: dict[str, Any]) -> list[str]:
    return [one.get("code", one["outcome"]) for one in sale["explanation"]]


def outcomes(district: District, **sale: Any) -> list[str]:
    return told(district.report(**sale).ok(201))


def tag(district: District, member: str, *tags: str, key: str | None = None) -> Any:
    return district.api.patch(f"/v1/members/{member}", {"tags": list(tags)}, key or district.key)


def test_tags(district: District) -> None:
    new_version(
        district, base_rule(), base_rule(key="staff", points=3, priority=1, conditions={"tags": ["staff", "vip"]})
    )
    member = district.member(tags=["old", "staff", "old"])
    path = f"/v1/members/{member}"
    assert district.api.get(path, district.key).ok()["tags"] == ["old", "staff"]
    assert outcomes(district, member_id=member) == ["lower-priority", "applied"]
    assert tag(district, member, "old").ok(200)["tags"] == ["old"]
    assert outcomes(district, member_id=member) == ["applied", "other-tag"]
    assert tag(district, member).ok(200)["tags"] == []
    assert district.api.patch(path, {"name": "王芳"}, district.key).ok(200)["tags"] == []


def test_tags_are_the_alliances(district: District) -> None:
    shop = district.shop
    member = district.member(key=shop.key, store_id=shop.store_id)
    tag(district, member, "staff").ok(200)
    refused = tag(district, member, "vip", key=shop.key)
    assert (refused.status, refused.code) == (403, "forbidden")
    assert district.api.get(f"/v1/members/{member}", district.key).ok()["tags"] == ["staff"]
    body = {"phone": new_phone(), "tags": ["staff"]}
    assert district.api.post("/v1/members", body, shop.key).status == 403
    assert district.api.post("/v1/members", {**body, "tags": []}, shop.key).status == 201
    batch = district.api.post("/v1/members/batch", {"members": [{"phone": new_phone(), "tags": ["x"]}]}, shop.key).ok(
        200
    )
    assert [one["status"] for one in batch["results"]] == [403]


@pytest.mark.parametrize("tags", [["x" * 41], [""], ["x"] * 51, "x", [1], None], ids=str)
def test_what_is_no_tag(district: District, tags: Any) -> None:
    member = district.member(tags=["kept"])
    assert district.api.patch(f"/v1/members/{member}", {"tags": tags}, district.key).status == 422
    assert district.api.get(f"/v1/members/{member}", district.key).ok()["tags"] == ["kept"]


def firsts(district: District) -> None:
    new_version(
        district,
        bonus("first-here", conditions={"first_at_merchant": True}),
        bonus("first", conditions={"first_in_district": True}),
        bonus("again", conditions={"first_at_merchant": False}),
    )


FIRST = ["applied", "applied", "first-at-merchant"]
FIRST_HERE = ["applied", "not-first-in-district", "first-at-merchant"]
AGAIN = ["not-first-at-merchant", "not-first-in-district", "applied"]


def test_first_sales(district: District) -> None:
    firsts(district)
    member, other = district.member(), district.other_shop.store_id
    assert outcomes(district, member_id=member) == FIRST
    assert outcomes(district, member_id=member) == AGAIN
    assert outcomes(district, member_id=member, store_id=other) == FIRST_HERE
    assert outcomes(district, member_id=member, store_id=other) == AGAIN
    assert outcomes(district, member_id=district.member()) == FIRST


def test_a_sale_of_nothing_was_the_first(district: District) -> None:
    firsts(district)
    member = district.member()
    assert outcomes(district, member_id=member, amount=0) == ["nothing-eligible"] * 3
    assert outcomes(district, member_id=member) == AGAIN


def test_a_refunded_sale_was_the_first_and_is_given_back_as_that(district: District) -> None:
    firsts(district)
    member = district.member()
    sale = district.report(member_id=member).ok(201)
    refund = {"transaction_id": sale["id"], "reference": "some", "amount": 5_000}
    assert district.api.post("/v1/refunds", refund, district.key).ok(201)["points_reversed"] == 0
    refund = {"transaction_id": sale["id"], "reference": "all", "amount": 7_800}
    assert district.api.post("/v1/refunds", refund, district.key).ok(201)["points_reversed"] == 100
    assert outcomes(district, member_id=member) == AGAIN


def test_first_sales_in_a_batch(district: District) -> None:
    firsts(district)
    one, two = district.member(), district.member()
    other = district.other_shop.store_id
    sales = [
        district.sale(member_id=one),
        district.sale(member_id=one),
        district.sale(member_id=two),
        district.sale(member_id=one, store_id=other),
        district.sale(member_id=one, store_id=other),
    ]
    results = district.api.post("/v1/transactions/batch", {"transactions": sales}, district.key).ok(200)["results"]
    assert [told(result["transaction"]) for result in results] == [FIRST, AGAIN, FIRST, FIRST_HERE, AGAIN]


def test_firsts_count_at_the_claim(district: District) -> None:
    firsts(district)
    member, phone = district.member(), new_phone()
    unclaimed = district.report().ok(201)["id"]
    waiting = [district.report(phone=phone).ok(201)["id"] for _ in range(2)]
    assert outcomes(district, member_id=member) == FIRST
    path = f"/v1/transactions/{unclaimed}/claim"
    assert told(district.api.post(path, {"member_id": member}, district.key).ok(200)) == AGAIN
    district.member(phone)
    sales = [district.api.get(f"/v1/transactions/{one}", district.key).ok() for one in waiting]
    assert [told(sale) for sale in sales] == [FIRST, AGAIN]


def test_a_quote_of_the_first_sale(district: District) -> None:
    firsts(district)
    member = district.member()
    for _ in range(2):
        body = district.sale(member_id=member)
        assert told(district.api.post("/v1/transactions/quote", body, district.key).ok(200)) == FIRST


def on(day: date, clock: str = "12:00") -> str:
    return format_instant(datetime.combine(day, time.fromisoformat(clock), SHANGHAI))


def test_birthdays(district: District) -> None:
    night = {"birthday": "day", "time_windows": [{"from": "22:00", "to": "02:00"}]}
    today = now().astimezone(SHANGHAI).date()
    new_version(
        district,
        bonus("day", conditions={"birthday": "day"}),
        bonus("month", conditions={"birthday": "month"}),
        bonus("night", conditions=night),
        effective_at=on(today - timedelta(days=70)),
    )
    birthday = today - timedelta(days=45)
    born = f"1996-{birthday:%m-%d}"  # a leap year, so that every day is in it
    member = district.member(birthday=born)
    assert outcomes(district, member_id=member, occurred_at=on(birthday)) == [
        "applied",
        "applied",
        "outside-time-windows",
    ]
    after = on(birthday + timedelta(days=1), "01:59")
    late = outcomes(district, member_id=member, occurred_at=after)
    assert (late[0], late[2]) == ("not-birthday", "applied")
    month_later = outcomes(district, member_id=member, occurred_at=on(birthday + timedelta(days=32)))
    assert month_later[:2] == ["not-birthday", "not-birthday"]
    nobody = district.member()
    assert outcomes(district, member_id=nobody, occurred_at=on(birthday))[:2] == ["not-birthday"] * 2


def test_a_birthday_is_not_kept_with_the_sale(district: District, superuser: Any) -> None:
    new_version(district, base_rule(), bonus("day", conditions={"birthday": "day"}))
    today = now().astimezone(SHANGHAI).date()
    member = district.member(birthday=f"1996-{today:%m-%d}")
    sale = district.report(member_id=member).ok(201)
    assert told(sale) == ["applied", "applied"]
    [(facts,)] = superuser.execute("SELECT facts FROM transactions WHERE id = %s", (sale["id"][4:],)).fetchall()
    assert facts == {"birthday": ["day"]}


def test_plain_rules_keep_no_facts(district: District, superuser: Any) -> None:
    sale = district.report(member_id=district.member()).ok(201)
    [(facts,)] = superuser.execute("SELECT facts FROM transactions WHERE id = %s", (sale["id"][4:],)).fetchall()
    assert facts is None


def test_why_in_words(district: District) -> None:
    new_version(district, base_rule(caps={"budget": 1}))
    member = district.member()
    district.report(member_id=member).ok(201)
    sale = district.report(member_id=member).ok(201)
    path = f"/v1/transactions/{sale['id']}"
    for language, why in (("en", "The rule's budget is spent."), ("zh-CN", "规则的积分预算已用完。")):
        [line] = district.api.get(path, district.key, **{"Accept-Language": language}).ok()["explanation"]
        assert (line["code"], line["why"]) == ("budget-spent", why)

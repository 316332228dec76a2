"""Refusals speak the reader's language, whoever was refused first, and mean the same in each."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.factories.api import Reply
from tests.factories.districts import District
from tests.factories.problems import check_problem

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def post(district: District, path: str, body: dict[str, Any], language: str | None, key: str | None = None) -> Reply:
    headers = {} if language is None else {"Accept-Language": language}
    return district.api.call("POST", path, body, key=district.key, idempotency_key=key, headers=headers)


def test_a_refusal_is_chinese_first_and_english_for_who_prefers_it(district: District) -> None:
    body = {"phone": "x", "name": 5, "store_id": "str_1", "extra": 1}
    default, chinese, english = (post(district, "/v1/members", body, one) for one in (None, "zh-CN", "en-GB,en"))
    assert [(one.status, one.code, one.pointers) for one in (default, chinese)] == 2 * [
        (english.status, english.code, english.pointers)
    ]
    assert english.body["title"] == "The input is not valid"
    assert default.body["title"] == chinese.body["title"] == "输入无效"
    assert [one.headers["Content-Language"] for one in (default, chinese, english)] == ["zh", "zh", "en"]


def test_figures_and_names_stand_in_both(district: District) -> None:
    sale = district.sale(amount=1, currency="USD")
    for language in ("zh", "en"):
        refused = check_problem(post(district, "/v1/transactions", sale, language), 422)
        assert "CNY" in refused.body["errors"][0]["detail"]


def refused_batch(district: District) -> dict[str, Any]:
    good = district.sale(amount=100)
    wrong = [{**good, "amount": -1}, {**good, "store_id": "str_" + "0" * 32}, {**good, "currency": "USD"}, {"x": 1}]
    return {"transactions": [good, *wrong]}


@pytest.mark.parametrize("kind", ["transactions", "refunds", "members"])
def test_a_batch_that_comes_again_is_said_to_who_asks_now(district: District, kind: str) -> None:
    wrong: dict[str, list[dict[str, Any]]] = {
        "transactions": refused_batch(district)["transactions"],
        "refunds": [
            {"transaction_reference": "none", "merchant_id": district.shop.merchant_id, "reference": "R", "amount": 1},
            {},
        ],
        "members": [{"phone": "x"}, {"phone": "13800000000", "store_id": "str_" + "0" * 32}],
    }
    path, body = f"/v1/{kind}/batch", {kind: wrong[kind]}
    first = post(district, path, body, "zh", "again").ok(200)
    again = post(district, path, body, "en", "again")
    assert again.headers["Idempotent-Replayed"] == "true"
    told = [
        (one["problem"], other["problem"])
        for one, other in zip(first["results"], again.ok(200)["results"], strict=True)
        if "problem" in one
    ]
    assert len(told) >= 2
    for chinese, english in told:
        assert CHINESE.search(chinese["detail"])
        assert english["detail"].isascii()
        assert (chinese["code"], chinese["status"]) == (english["code"], english["status"])


def test_a_quote_that_comes_again_is_explained_to_who_asks_now(district: District) -> None:
    rules = [
        {"key": "base", "kind": "base", "name": "1 per yuan", "points": 1, "per_amount": 100},
        {"key": "more", "kind": "bonus", "name": "More", "points": 5, "conditions": {"min_amount": 100_000}},
    ]
    draft = district.api.post("/v1/rule-sets", {"name": "two", "rules": rules}, district.key).ok(201)
    district.api.post(f"/v1/rule-sets/{draft['id']}/publish", {}, district.key).ok(200)
    sale = district.sale(amount=100, member_id=district.member())
    why = [
        post(district, "/v1/transactions/quote", sale, one, "quote").ok(200)["explanation"][1]["why"]
        for one in ("zh", "en")
    ]
    assert CHINESE.search(why[0])
    assert why[1].isascii()


def test_the_rule_that_all_begin_with_is_named_in_the_language_of_who_asks(district: District) -> None:
    sale = district.sale(amount=100, member_id=district.member())
    quoted = [post(district, "/v1/transactions/quote", sale, one, "quote").ok(200) for one in ("zh", "en", "zh")]
    assert [one["explanation"][0]["name"] for one in quoted] == [
        "每 1 元得 1 积分",
        "1 point per yuan",
        "每 1 元得 1 积分",
    ]


def test_the_contract_is_english_whoever_asks_for_it_first(district: District) -> None:
    document = district.api.call("GET", "/openapi.json", key=None, headers={"Accept-Language": "zh"}).body
    examples = document["components"]["responses"]["NotFound"]["content"]["application/problem+json"]["examples"]
    assert examples["not-found"]["value"]["title"] == "There is no such thing here"

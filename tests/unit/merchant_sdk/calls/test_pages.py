from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import Any

import httpx
import pytest

from merchant_sdk import Client, ConnectionFailed, Merchant, UnexpectedAnswer


def page(*ids: str, more: bool = False) -> httpx.Response:
    rows = [{"object": "merchant", "id": one} for one in ids]
    return httpx.Response(200, json={"object": "list", "data": rows, "has_more": more})


def test_pages_follow_each_other(server: Any, client: Client) -> None:
    server.will(page("mer_5", "mer_4", more=True), page("mer_3", "mer_2", more=True), page("mer_1"))
    merchants = list(client.merchants.list())
    assert [merchant.id for merchant in merchants] == ["mer_5", "mer_4", "mer_3", "mer_2", "mer_1"]
    assert all(type(merchant) is Merchant for merchant in merchants)
    assert server.addresses == [
        "GET /v1/merchants?limit=100",
        "GET /v1/merchants?limit=100&starting_after=mer_4",
        "GET /v1/merchants?limit=100&starting_after=mer_2",
    ]


def test_a_page_is_fetched_when_its_rows_are_needed(server: Any, client: Client) -> None:
    server.will(page("mer_3", "mer_2", more=True), page("mer_1"))
    merchants = client.merchants.list()
    assert server.requests == []
    assert [merchant.id for merchant in islice(merchants, 2)] == ["mer_3", "mer_2"]
    assert len(server.requests) == 1
    assert [merchant.id for merchant in merchants] == ["mer_1"]


def test_an_empty_list(server: Any, client: Client) -> None:
    server.will(page())
    assert list(client.merchants.list()) == []


def test_a_page_is_tried_again_where_it_failed(server: Any, client: Client) -> None:
    server.will(page("mer_2", more=True), httpx.ReadTimeout("slow"), page("mer_1"))
    assert [merchant.id for merchant in client.merchants.list()] == ["mer_2", "mer_1"]


def test_an_error_comes_after_the_rows_before_it(server: Any, client: Client) -> None:
    server.will(page("mer_2", more=True), *[httpx.ReadTimeout("slow")] * 5)
    merchants = client.merchants.list()
    assert next(merchants).id == "mer_2"
    with pytest.raises(ConnectionFailed):
        next(merchants)


@pytest.mark.parametrize(
    "answers",
    [
        [page(more=True)],
        [page("mer_1", more=True), page("mer_1", more=True)],
        [httpx.Response(200, json={"object": "list"})],
        [httpx.Response(200, json={"data": [5]})],
        [httpx.Response(200, json={"data": [{"code": "no id"}]})],
    ],
)
def test_lists_that_lead_nowhere_end(server: Any, client: Client, answers: list[httpx.Response]) -> None:
    server.will(*answers)
    with pytest.raises(UnexpectedAnswer):
        list(client.merchants.list())


def test_filters_go_with_every_page_and_are_checked_at_once(server: Any, client: Client) -> None:
    row = {"object": "store", "id": "str_1"}
    server.will(httpx.Response(200, json={"data": [row], "has_more": True}), page())
    assert len(list(client.stores.list(merchant_id="mer_1"))) == 1
    assert server.addresses[1] == "GET /v1/stores?limit=100&starting_after=str_1&merchant_id=mer_1"
    with pytest.raises(ValueError, match="no time zone"):
        client.transactions.list(occurred_from=datetime(2026, 1, 1))

"""What one body may cost: bounded, whatever stands in it, and so is the answer. Counted in values looked at, not seconds."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import orjson
import psycopg
import pytest
from flask import Flask
from marshmallow import Schema

from app.foundation.http.batches import MOST_ITEMS, BatchOf
from app.foundation.http.contract.contract_pages import specs_of
from app.foundation.http.routing import RouteSpec
from app.foundation.http.validation import load
from app.foundation.problems import DomainError
from tests.factories.api import Api
from tests.factories.checksums import checksums
from tests.factories.costly import counted, random_body, worst_bodies
from tests.factories.districts import District

pytestmark = pytest.mark.usefixtures("context")
SALE_VALUES = 30
"""What the schema of a sale with one item looks at."""
MOST_VALUES = 100 * SALE_VALUES
MOST_OF_AN_ITEM = 5 * SALE_VALUES
"""Of an item of a batch, on the average of many: a member with all tags and consents has as many."""
MANY = 200
MOST_ANSWERED = 40_000
"""Bytes of a problem."""


def schemas(app: Flask) -> Iterator[tuple[RouteSpec, Schema]]:
    """Each route's body and query, and the items of its batch."""
    for spec in specs_of(app):
        for schema in (spec.body, spec.query, spec.batch and spec.batch.schema):
            if schema is not None:
                yield spec, schema


def judged(schema: Schema, body: Any) -> bytes:
    """The answer to a body, as far as its schema is asked."""
    try:
        load(schema, body)
    except DomainError as error:
        return orjson.dumps(error.as_problem(""))
    return b""


def test_no_body_costs_more_than_a_hundred_sales(app: Flask) -> None:
    """The worst that each route's schema can be asked, by every kind of filler in every place."""
    for spec, schema in schemas(app):
        for body in worst_bodies(schema) if schema is not spec.query else ():
            with counted() as work:
                answer = judged(schema, body)
            assert work.values <= MOST_VALUES, (spec.rule, repr(body)[:200])
            assert len(answer) <= MOST_ANSWERED, (spec.rule, repr(body)[:200])


def test_nor_do_a_thousand_random_ones(app: Flask) -> None:
    """Bodies that are partly right, on all routes."""
    dice = random.Random(8)
    every = [schema for spec, schema in schemas(app) if schema is not spec.query]
    for _ in range(1000):
        schema = dice.choice(every)
        body = random_body(schema, dice)
        with counted() as work:
            answer = judged(schema, body)
        assert work.values <= MOST_VALUES, repr(body)[:300]
        assert len(answer) <= MOST_ANSWERED, repr(body)[:300]


def batches(app: Flask) -> list[tuple[RouteSpec, BatchOf]]:
    return [(spec, spec.batch) for spec in specs_of(app) if spec.batch is not None]


def test_an_item_of_a_batch_costs_five_sales_at_most(app: Flask) -> None:
    """Many items of the worst kind: a flawed one is refused at its first flaws."""
    for spec, batch in batches(app):
        for body in worst_bodies(batch.schema):
            with counted() as work:
                items = batch.items({batch.name: [body] * MANY})
            assert work.values <= MOST_OF_AN_ITEM * MANY, (spec.rule, repr(body)[:200])
            said = sum(len(orjson.dumps(one.as_problem(""))) for one in items if isinstance(one, DomainError))
            assert said <= 1500 * MANY, (spec.rule, repr(body)[:200])


def test_valid_items_of_a_sale_ask_no_schema(app: Flask) -> None:
    """Half a million lines of receipts, strange but valid, and each sale wrong at its end."""
    [batch] = [batch for spec, batch in batches(app) if spec.rule == "/v1/transactions/batch"]
    line = {"amount": 1, "name": "\n", "quantity": None}
    sale = {"reference": "a", "amount": 1, "currency": "no currency", "items": [line] * 500}
    with counted() as work:
        items = batch.items({"transactions": [sale] * MOST_ITEMS})
    assert all(isinstance(one, DomainError) for one in items)
    assert work.values <= (SALE_VALUES + 500) * MOST_ITEMS


def test_a_thousand_sales_of_wrong_lines(api: Api, district: District, superuser: psycopg.Connection) -> None:
    """Half a million flaws in 1.4 MiB: each sale is refused, the answer is short, and nothing changes."""
    before = checksums(superuser, district.id)
    body = {"transactions": [district.sale(reference=f"R{n}", items=[{}] * 500) for n in range(MOST_ITEMS)]}
    with counted() as work:
        answer = api.post("/v1/transactions/batch", body, district.key)
    assert {one["status"] for one in answer.ok(200)["results"]} == {422}
    assert work.values <= 2 * SALE_VALUES * MOST_ITEMS
    assert len(orjson.dumps(answer.body)) <= 1000 * MOST_ITEMS
    assert checksums(superuser, district.id) == before


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":' * 500 + b"1" + b"}" * 500,
        b"[" * 1000 + b"]" * 1000,
        b"[" * 1_000_000,
        b'{"amount": ' + b"9" * 1_000_000 + b"}",
        b'{"amount": 1e' + b"9" * 100_000 + b"}",
        b'{"' + b"\\\\" * 400_000 + b'": 1}',
        b'{"' + b"\\u0022" * 150_000 + b'": 1}',
    ],
    ids=["objects", "lists", "unclosed", "digits", "exponent", "backslashes", "quotes"],
)
def test_strange_texts_are_refused(api: Api, district: District, body: bytes) -> None:
    """Nesting, numbers without end, and keys of a megabyte: a refusal, and a short one."""
    answer = api.call("POST", "/v1/transactions", key=district.key, data=body)
    assert answer.status in (400, 422)
    assert len(orjson.dumps(answer.body)) <= MOST_ANSWERED

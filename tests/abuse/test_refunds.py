"""What was given back in money earns no longer."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import psycopg
import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.factories.books import broken
from tests.factories.checksums import checksums
from tests.factories.districts import District, next_number
from tests.factories.problems import check_problem
from tests.factories.refunds import give_back, refund


def sold(district: District, **sale: Any) -> dict[str, Any]:
    made: dict[str, Any] = district.report(**{"member_id": district.member(), "amount": 10_000, **sale}).ok(201)
    return made


def check_kept_out(district: District, superuser: psycopg.Connection, sale: dict[str, Any], **body: Any) -> None:
    """A refund is refused, alone and in a batch, and nothing changes."""
    before = checksums(superuser, district.id)
    refused = check_problem(refund(district, transaction_id=sale["id"], **body), 422, "validation-failed")
    assert refused.pointers == {"/eligible_amount"}
    one = {"reference": f"RF{next_number():08d}", "transaction_id": sale["id"], **body}
    [result] = district.api.post("/v1/refunds/batch", {"refunds": [one]}, district.key).ok(200)["results"]
    assert (result["status"], result["problem"]["errors"][0]["pointer"]) == (422, "/eligible_amount")
    assert checksums(superuser, district.id) == before


def test_all_but_a_fen_goes_back_and_so_do_the_points(district: District, superuser: psycopg.Connection) -> None:
    """A refund of 99.99 of 100.00 can't say that none of it was eligible."""
    sale = sold(district)
    check_kept_out(district, superuser, sale, amount=9_999, eligible_amount=0)
    check_kept_out(district, superuser, sale, amount=9_999, eligible_amount=9_998)
    assert give_back(district, sale["id"], 9_999, eligible_amount=9_999)["points_reversed"] == 100


def test_what_was_never_eligible_may_go_back_first(district: District) -> None:
    """Of 100.00 of which 60.00 earn, 40.00 that don't go back without points."""
    sale = sold(district, eligible_amount=6_000)
    assert give_back(district, sale["id"], 4_000, eligible_amount=0)["points_reversed"] == 0


def test_a_later_refund_without_the_field_keeps_no_more(district: District, superuser: psycopg.Connection) -> None:
    """After a refund that gave back nothing eligible, one by its share alone may leave too much: it is refused."""
    sale = sold(district, eligible_amount=5_000)
    give_back(district, sale["id"], 5_000, eligible_amount=0)
    check_kept_out(district, superuser, sale, amount=4_999)
    assert give_back(district, sale["id"], 4_999, eligible_amount=4_999)["points_reversed"] == 50
    assert give_back(district, sale["id"], 1)["points_reversed"] == 0


def test_points_spent_are_no_money_that_is_left(district: District, superuser: psycopg.Connection) -> None:
    """Half of the bill was paid in points, which come back as points: only the money earns."""
    member = district.member()
    sold(district, member_id=member, amount=500_000)
    sale = sold(district, member_id=member, points_to_spend=5_000)
    check_kept_out(district, superuser, sale, amount=5_000, eligible_amount=0)
    assert give_back(district, sale["id"], 5_000, eligible_amount=2_500)["points_reversed"] == 25


PARTS = st.lists(st.tuples(st.integers(1, 9_999), st.none() | st.integers(0, 10_000)), min_size=1, max_size=6)


@pytest.mark.parametrize("in_batch", [False, True], ids=["single", "batch"])
def test_no_split_keeps_points_of_money_that_went_back(app: Flask, district: District, in_batch: bool) -> None:
    """However a sale is given back in parts, its points are at most those of the money that is left."""

    @settings(
        max_examples=15, deadline=None, phases=[Phase.reuse, Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(eligible=st.integers(0, 10_000), parts=PARTS)
    def kept(eligible: int, parts: list[tuple[int, int | None]]) -> None:
        sale = sold(district, eligible_amount=eligible)
        bodies = [
            {
                "transaction_id": sale["id"],
                "reference": f"RF{next_number():08d}",
                "amount": amount,
                "eligible_amount": own,
            }
            for amount, own in parts
        ]
        money, points, earning = 10_000, sale["points_earned"], Fraction(eligible)
        for body, status, made in answers(district, bodies, in_batch):
            own = body["eligible_amount"]
            after = earning - (Fraction(eligible * body["amount"], 10_000) if own is None else own)
            fits = body["amount"] <= money and (own or 0) <= earning and after <= money - body["amount"]
            assert (status == 201) == (fits or (body["amount"] == money and (own or 0) <= earning))
            if status == 201:
                money, points, earning = (
                    money - body["amount"],
                    points - made["points_reversed"],
                    max(after, Fraction(0)),
                )
                assert 0 <= points <= money // 100

    kept()
    with app.app_context():
        assert broken(district.id) == {}


def answers(district: District, bodies: list[Any], in_batch: bool) -> list[tuple[Any, int, Any]]:
    """What becomes of refunds, sent one by one or at once."""
    if not in_batch:
        replies = [district.api.post("/v1/refunds", body, district.key) for body in bodies]
        return [(body, reply.status, reply.body) for body, reply in zip(bodies, replies, strict=True)]
    results = district.api.post("/v1/refunds/batch", {"refunds": bodies}, district.key).ok(200)["results"]
    return [(body, one["status"], one.get("refund")) for body, one in zip(bodies, results, strict=True)]

"""One pairing code, one PIN, at several browsers at once, by real processes."""

from __future__ import annotations

from collections import Counter

import psycopg

from tests.factories.districts import District
from tests.factories.staffed_tills import new_till, paired_till, pairing_code
from tests.factories.tills import Post, Tills

NO_KEY = "none"


def test_of_browsers_that_come_with_one_code_one_becomes_the_till(street: District, tills: Tills) -> None:
    till = new_till(street, street.shop.store_id)
    code = pairing_code(street, till["id"])
    replies = tills.at_once(*(Post("/v1/tills/pair", {"code": code}, NO_KEY) for _ in range(8)))
    assert Counter(reply.status for reply in replies) == {201: 1, 404: 7}
    [token] = [reply.body["token"] for reply in replies if reply.status == 201]
    street.api.get("/v1/till", token).ok(200)


def test_guesses_at_one_time_are_all_counted(street: District, tills: Tills, superuser: psycopg.Connection) -> None:
    till = paired_till(street, street.shop.store_id)
    guesses = [{"cashier_id": till.cashier_id, "pin": f"95{number:02}"} for number in range(16)]
    replies = tills.at_once(*(Post("/v1/till/shift", guess, till.token) for guess in guesses))
    looked_at = sum(reply.code in ("wrong-pin", "busy") for reply in replies)
    assert looked_at == 5, Counter(reply.code for reply in replies)
    assert till.open().code == "pin-locked"


def test_cashiers_who_open_one_till_at_once_have_one_shift(
    street: District, tills: Tills, superuser: psycopg.Connection
) -> None:
    till = paired_till(street, street.shop.store_id)
    body = {"cashier_id": till.cashier_id, "pin": "2580"}
    replies = tills.at_once(*(Post("/v1/till/shift", body, till.token) for _ in range(3)))
    assert {reply.status for reply in replies} <= {201, 503}
    query = "SELECT count(*) FROM shifts WHERE till_id = %s AND closed_at IS NULL"
    assert superuser.execute(query, (till.id[-32:],)).fetchone() == (1,)

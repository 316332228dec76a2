"""`kill -9` of web workers in the middle of a load: the tills send again, and each sale is recorded once."""

from __future__ import annotations

import os
import signal
import time

import psycopg

from tests.factories.districts import District
from tests.factories.histories import check_gapless, history
from tests.factories.processes import PATIENCE_SECONDS
from tests.factories.tills import Post, Tills, sale_at
from tests.factories.web_workers import settled_workers, wait_for_workers


def test_tills_that_send_again_lose_nothing_and_double_nothing(
    street: District, tills: Tills, address: str, superuser: psycopg.Connection
) -> None:
    members = [street.member() for _ in range(12)]
    queues = [
        [
            sale_at(street, member_id=member, amount=100, idempotency_key=f"{member} {n}" if n % 2 else None)
            for n in range(25)
        ]
        for member in members
    ]
    batches = [
        [
            Post(
                "/v1/transactions/batch",
                {"transactions": [street.sale(member_id=member, amount=100) for _ in range(50)]},
                street.key,
            )
            for _ in range(3)
        ]
        for member in members[:4]
    ]
    killed: list[int] = []
    workers = settled_workers(address)

    def kill() -> None:
        for worker in workers:
            time.sleep(0.15)
            os.kill(worker, signal.SIGKILL)
            killed.append(worker)

    replies = tills.in_turn([*queues, *batches], patience=PATIENCE_SECONDS, meanwhile=kill)
    wait_for_workers(address, killed)
    assert len(killed) == 2
    assert {reply.status for till in replies for reply in till} <= {200, 201}
    for number, member in enumerate(members):
        wanted = 25 + (150 if number < 4 else 0)
        assert check_gapless(history(street, member)) == street.balance(member)["available"] == wanted
    recorded = superuser.execute(
        "SELECT count(*), count(DISTINCT reference) FROM transactions WHERE district_id = %s", (street.id[-32:],)
    ).fetchone()
    assert recorded == (12 * 25 + 4 * 150,) * 2


def test_an_idempotency_key_survives_the_crash_of_whoever_holds_it(
    street: District, tills: Tills, address: str
) -> None:
    """Either the work and its answer are there, or neither: the same key makes one thing in the end."""
    body = {"phone": "13800000000"}
    before = settled_workers(address)

    def kill() -> None:
        os.kill(min(before), signal.SIGKILL)

    queues = [[Post("/v1/members", body, street.key, "one key")] for _ in range(16)]
    replies = [reply for till in tills.in_turn(queues, patience=PATIENCE_SECONDS, meanwhile=kill) for reply in till]
    wait_for_workers(address, [min(before)])
    assert {reply.status for reply in replies} <= {201, 409}
    assert {reply.code for reply in replies if reply.status == 409} <= {"idempotency-key-in-use"}
    assert len({reply.body["id"] for reply in replies if reply.status == 201}) == 1

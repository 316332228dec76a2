"""What must be true in the end."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

from tests.chaos.files import lines_of
from tests.chaos.stage import Stage
from tests.factories.districts import District
from tests.factories.installations import ROOT

DRAIN_SECONDS = 150.0


@dataclass(slots=True)
class Reckoning:
    """Counts, and what is wrong."""

    tried: int = 0
    sold: int = 0
    recorded: int = 0
    refunding: int = 0
    refunded: int = 0
    given_back: int = 0
    events: int = 0
    received: int = 0
    received_once: int = 0
    drain_seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def must_be_empty(self, what: str, found: set[str] | list[str]) -> None:
        """Notes what is wrong, with some examples."""
        if found:
            self.wrong.append(f"{len(found)} {what}: {sorted(found)[:3]}")


def reckon(stage: Stage, district: District) -> Reckoning:
    """Waits until nothing is under way, then compares what was promised with what is there."""
    result = Reckoning()
    started = time.monotonic()
    stage.close_tills()
    result.must_be_empty("events or deliveries still under way", _drained(stage))
    result.drain_seconds = time.monotonic() - started
    result.tried, result.sold, result.recorded = _check(stage, district, result, "transactions", "tried-*", "sold-*")
    result.refunding, result.refunded, result.given_back = _check(
        stage, district, result, "refunds", "refunding-*", "refunded-*"
    )
    _check_events(stage, district, result)
    result.must_be_empty("refusals that no kill explains", lines_of(stage.folder, "refused"))
    books = _books(stage)
    if "0 checks broken" not in books:
        result.wrong.append(f"the books are broken: {books}")
    return result


def _drained(stage: Stage) -> list[str]:
    """What is still under way when patience is over."""
    deadline = time.monotonic() + DRAIN_SECONDS
    while True:
        with stage.product.superuser() as connection:
            [[untaken]] = connection.execute("SELECT count(*) FROM outbox WHERE NOT is_taken").fetchall()
            rows = connection.execute(
                "SELECT id, attempts, next_attempt_at FROM webhook_deliveries WHERE status <> 'delivered'"
            ).fetchall()
        if not untaken and not rows:
            return []
        if time.monotonic() > deadline:
            return [f"untaken {untaken}", *map(str, rows)]
        time.sleep(0.5)


def _check(
    stage: Stage, district: District, result: Reckoning, table: str, trying: str, promised: str
) -> tuple[int, int, int]:
    """Compares a table with what tills tried and were promised; gives how many were tried, promised and recorded."""
    done, tried = set(lines_of(stage.folder, promised)), set(lines_of(stage.folder, trying))
    with stage.product.superuser() as connection:
        query = f"SELECT reference, count(*) FROM {table} WHERE district_id = %s GROUP BY 1"
        rows = connection.execute(query.encode(), (district.id[-32:],))
        recorded = Counter(dict(rows.fetchall()))
    result.must_be_empty(f"{table} were promised and are lost", done - set(recorded))
    result.must_be_empty(f"{table} are there twice", [one for one, count in recorded.items() if count > 1])
    result.must_be_empty(f"{table} that nobody made", set(recorded) - tried)
    return len(tried), len(done), recorded.total()


def _check_events(stage: Stage, district: District, result: Reckoning) -> None:
    received = [line.split(" ") for line in lines_of(stage.folder, "received")]
    with stage.product.superuser() as connection:
        rows = connection.execute(
            "SELECT id, recorded_at > (SELECT created_at FROM webhook_endpoints WHERE id = %s), "
            "coalesce(payload->>'refund_id', payload->>'transaction_id'), type FROM outbox WHERE district_id = %s",
            (stage.endpoint_id[-32:], district.id[-32:]),
        ).fetchall()
        made = {f"txn_{one.hex}" for (one,) in connection.execute("SELECT id FROM transactions")}
        made |= {f"rfd_{one.hex}" for (one,) in connection.execute("SELECT id FROM refunds")}
    known = {f"evt_{event.hex}" for event, *_ in rows}
    wanted = {f"evt_{event.hex}" for event, is_later, *_ in rows if is_later}
    told = Counter(one for _, _, one, kind in rows if kind in ("transaction.recorded", "refund.recorded"))
    arrived = Counter(header for header, *_ in received)
    result.events, result.received, result.received_once = len(wanted), arrived.total(), len(arrived)
    result.must_be_empty("events never arrived", wanted - set(arrived))
    result.must_be_empty("events arrived that never happened", set(arrived) - known)
    result.must_be_empty(
        "messages whose header names another event", [one for one, body, *_ in received if one != body]
    )
    result.must_be_empty("sales and refunds without their event", made - set(told))
    result.must_be_empty("sales and refunds told under two ids", [one for one, count in told.items() if count > 1])


def _books(stage: Stage) -> str:
    command = [sys.executable, "-m", "app.cli", "verify-books"]
    done = subprocess.run(
        command, env=stage.product.environment(), cwd=ROOT, capture_output=True, text=True, check=False
    )
    return (done.stdout + done.stderr)[-2000:]

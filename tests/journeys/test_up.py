"""`quantong up`, from an empty folder: ready, ready again whatever is killed, gone without a trace, and back with its data."""

from __future__ import annotations

import json
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.launcher.up import ENVIRONMENT
from tests.factories.api import Api
from tests.factories.districts import District, new_district
from tests.factories.installations import Installation, free_port
from tests.factories.locks import held, somebody_waits
from tests.factories.processes import NO_ANSWER, PATIENCE_SECONDS, children_of, command_of, wait_until
from tests.factories.running import Meanwhile

HELD_SECONDS = 0.7
"""Longer than a process takes to end that has nothing to finish."""
PARTS = {
    "a web worker": "granian",
    "the web server": "granian",
    "the database": "postgres -D",
    "the queue": "valkey-server",
    "the worker": "app.cli worker|quantong worker",
    "the scheduler": "app.cli scheduler|quantong scheduler",
}


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    """One that runs on a new folder."""
    with tempfile.TemporaryDirectory(prefix="quantong-up-") as name:
        Path(name).chmod(0o755)
        one = Installation(Path(name) / "var")
        try:
            one.start()
            yield one
        finally:
            one.clear()


@pytest.fixture(scope="module")
def street(installation: Installation) -> District:
    """A district in it, with a sale."""
    district = new_district(installation.api())
    district.report(member_id=district.member(), reference="before").ok(201)
    return district


def part(one: Installation, name: str) -> int:
    """The process of a part: of several with one command, the child for a worker and the parent otherwise."""
    words = PARTS[name].split("|")
    found = [pid for pid, command in one.parts().items() if any(word in command for word in words)]
    parents = [pid for pid in found if set(children_of(pid)) & set(found)]
    chosen = [pid for pid in found if pid not in parents] if name == "a web worker" else parents or found
    return chosen[0]


def sells(one: Installation, street: District, reference: str) -> bool:
    """Whether a till gets its sale recorded; one that gets no answer sends it again."""
    try:
        reply = Api.over_http(one.url, "").post("/v1/transactions", street.sale(reference=reference), street.key)
    except NO_ANSWER:
        return False
    return reply.status in (200, 201)


@pytest.mark.parametrize("name", PARTS)
def test_it_is_ready_again_after_the_kill_of_a_part(installation: Installation, street: District, name: str) -> None:
    assert wait_until(lambda: part_or_none(installation, name)), installation.said()
    pid = part(installation, name)
    os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: pid not in installation.parts())

    def is_whole() -> bool:
        return installation.is_ready() and bool(part_or_none(installation, name)) and sells(installation, street, name)

    assert wait_until(is_whole), installation.said()
    assert not installation.has_ended()


def part_or_none(one: Installation, name: str) -> int | None:
    try:
        return part(one, name)
    except IndexError:
        return None


def test_no_secret_stands_in_its_log(installation: Installation, street: District) -> None:
    """Its standard output is a file here: it names the files that hold the keys."""
    said = (installation.var.parent / "up.log").read_text()
    kept = json.loads((installation.var / "secrets.json").read_text())
    assert "secrets.json" in said
    assert [name for name, secret in kept.items() if secret in said] == []


def test_a_second_one_on_the_same_folder_says_so(installation: Installation, street: District) -> None:
    second = installation.launch(port=free_port())
    assert second.wait(PATIENCE_SECONDS) == 1
    assert f"Quantong runs already on the data in {installation.var}" in installation.said()
    assert installation.is_ready()


def test_a_second_one_on_the_same_port_says_so(installation: Installation, street: District) -> None:
    second = installation.launch()
    assert second.wait(PATIENCE_SECONDS) == 1
    assert f"Port {installation.port} is taken" in installation.said()
    assert installation.is_ready()


def check_back(one: Installation, street: District) -> None:
    """Started again, it knows its district, its key and its sales, and sells."""
    one.start()
    [kept] = one.api().get("/v1/transactions?reference=before", street.key).ok(200)["data"]
    assert kept["points_earned"] == 128
    assert sells(one, street, "before again")


def test_ctrl_c_leaves_no_process_and_all_data(installation: Installation, street: District) -> None:
    """A sale that waits for a lock at that moment is recorded first, and answered."""
    known = set(installation.parts())
    assert len(known) > 6
    kept = json.loads((installation.var / ENVIRONMENT).read_text())
    with held(kept["DATABASE_OWNER_URL"], "transactions") as holder:
        sale = Meanwhile(street.report)
        assert wait_until(lambda: somebody_waits(holder))
        assert installation.process is not None
        installation.process.send_signal(signal.SIGINT)
        time.sleep(HELD_SECONDS)
    assert sale.wait().status == 201
    assert installation.process.wait(PATIENCE_SECONDS) == 0, installation.said()
    assert "was killed" not in installation.said()
    assert wait_until(lambda: not installation.parts()), installation.parts()
    assert not {pid for pid in known if command_of(pid)}
    check_back(installation, street)


def test_a_kill_leaves_no_process_and_all_data(installation: Installation, street: District) -> None:
    """It has just started: a web worker that is told to stop in its first moment doesn't hear it, and is ended."""
    known = set(installation.parts())
    assert installation.end(signal.SIGKILL, PATIENCE_SECONDS) == -signal.SIGKILL
    assert wait_until(lambda: not installation.parts()), installation.parts()
    assert wait_until(lambda: not {pid for pid in known if command_of(pid)})
    check_back(installation, street)


def test_a_hang_up_stops_it_as_well(installation: Installation, street: District) -> None:
    assert installation.end(signal.SIGHUP, PATIENCE_SECONDS) == 0, installation.said()
    assert wait_until(lambda: not installation.parts()), installation.parts()

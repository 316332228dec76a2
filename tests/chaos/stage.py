"""The product on a folder of its own, tills and a receiver around it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from app.launcher.postgres import SUPERUSER
from tests.chaos.victims import Found, parts_of
from tests.factories.districts import District, new_district
from tests.factories.installations import PLAIN, ROOT, Installation, free_port

MEMBERS = 12
SETTINGS = {"WEBHOOK_TIMEOUT_SECONDS": "1", "LOG_LEVEL": "warning"}
STOP_SECONDS = 120.0


class Product(Installation):
    """A product whose couriers wait less long for receivers, and that tells of nothing but trouble."""

    def launch(self, port: int | None = None) -> subprocess.Popen[bytes]:
        """As users start it, but for these settings."""
        env = {name: os.environ[name] for name in PLAIN if name in os.environ}
        words = ["up", "--no-demo", "--port", str(port or self.port), "--var", str(self.var)]
        with (self.var.parent / "up.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "app.cli", *words],
                cwd=ROOT,
                env={**env, **SETTINGS, "PYTHONPATH": str(ROOT)},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def environment(self) -> dict[str, str]:
        """What commands beside it need to find its servers."""
        told = json.loads((self.var / "environment.json").read_text())
        return {**os.environ, **told, "PYTHONPATH": str(ROOT)}

    def superuser(self) -> psycopg.Connection:
        """A connection that sees everything."""
        url = self.environment()["DATABASE_URL"]
        host = url.partition("host=")[2].replace("%2F", "/")
        return psycopg.connect(f"host={host} user={SUPERUSER} dbname=quantong", autocommit=True)


class Stage:
    """Everything that runs, and the folder where tills and receiver write what they saw."""

    def __init__(self, product: Product, folder: Path) -> None:
        self.product, self.folder, self.closed = product, folder, folder / "closed"
        self.tills: dict[str, subprocess.Popen[bytes]] = {}
        self.endpoint_id = ""

    def furnish(self) -> District:
        """A district with members, a receiver that listens, and its endpoint."""
        district = new_district(self.product.api())
        port = free_port()
        self._run("receiver", "tests.chaos.receiver", str(port), str(self.folder))
        made = district.api.post("/v1/webhook-endpoints", {"url": f"http://127.0.0.1:{port}/"}, district.key).ok(201)
        (self.folder / "secret.json").write_text(json.dumps(made["secret"]))
        self.endpoint_id = made["id"]
        orders = {
            "url": self.product.url,
            "key": district.key,
            "folder": str(self.folder),
            "store_id": district.shop.store_id,
            "merchant_id": district.shop.merchant_id,
            "members": [district.member() for _ in range(MEMBERS)],
        }
        (self.folder / "orders.json").write_text(json.dumps(orders))
        return district

    def _run(self, name: str, module: str, *words: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.tills[name] = subprocess.Popen(
                [sys.executable, "-m", module, *words], cwd=ROOT, stdout=log, stderr=subprocess.STDOUT
            )

    def sell(self, *names: str) -> None:
        """Starts tills, or starts them again."""
        for name in names:
            self._run(name, "tests.chaos.till", name, str(self.folder / "orders.json"))

    def look_after(self) -> None:
        """Starts again who has been killed. Raises RuntimeError for one that has failed by itself."""
        for name, process in self.tills.items():
            code = process.poll()
            if code == -signal.SIGKILL:
                self.sell(name)
            elif code or (code == 0 and not self.closed.exists()):
                raise RuntimeError(f"{name} has ended ({code}): {(self.folder / f'{name}.log').read_text()[-3000:]}")

    def victims(self) -> Found:
        """Who may be killed now."""
        self.look_after()
        assert self.product.process is not None
        assert not self.product.has_ended(), self.product.said()
        offline = [one.pid for name, one in self.tills.items() if name.startswith("offline") and one.poll() is None]
        return {**parts_of(self.product.process.pid), "till": offline}

    def close_tills(self) -> None:
        """Tells the tills to stop, and waits until they have sent everything."""
        self.closed.touch()
        deadline = time.monotonic() + STOP_SECONDS
        while any(process.poll() != 0 for name, process in self.tills.items() if name != "receiver"):
            self.look_after()
            if time.monotonic() > deadline:
                raise RuntimeError("the tills don't come to an end")
            time.sleep(0.1)

    def clear(self) -> None:
        """Leaves nothing behind."""
        for process in self.tills.values():
            process.kill()
            process.wait()
        self.product.clear()


@contextmanager
def stage() -> Iterator[Stage]:
    """Starts the product on a new folder, and clears it away afterwards."""
    with tempfile.TemporaryDirectory(prefix="quantong-chaos-") as name:
        Path(name).chmod(0o755)
        seen = Path(name) / "seen"
        seen.mkdir()
        ready = Stage(Product(Path(name) / "var"), seen)
        try:
            ready.product.start()
            yield ready
        finally:
            ready.clear()

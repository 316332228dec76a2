"""nginx as docs/nginx.conf has it, in front of a product that a test runs."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.launcher.programs import Program, stop
from tests.conftest import ROOT
from tests.factories.certificates import self_signed
from tests.factories.installations import free_port
from tests.factories.processes import PATIENCE_SECONDS, wait_until

HOST = "quantong.example"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where it listens, and what a client needs to trust it."""

    port: int
    trust: ssl.SSLContext


@contextmanager
def proxy_before(port: int, folder: Path) -> Iterator[Proxy]:
    """Runs nginx before a product on a port of this machine. Raises AssertionError where the file is wrong."""
    _, trust = self_signed(folder, HOST)
    listens = free_port()
    words = [str(NGINX), "-c", str(_adapted(folder, listens, port)), "-p", str(folder), "-e", str(folder / "errors")]
    checked = subprocess.run([*words, "-t"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    program = Program("nginx", [*words, "-g", f"daemon off; pid {folder / 'pid'};"])
    process = program.start(subprocess.DEVNULL)
    try:
        assert wait_until((folder / "pid").exists), (folder / "errors").read_text()
        yield Proxy(listens, trust)
    finally:
        stop([(program, process)], PATIENCE_SECONDS)


def _adapted(folder: Path, listens: int, port: int) -> Path:
    """The file with this machine's addresses and folders: each is there to be changed, and none is missed."""
    text = (ROOT / "docs" / "nginx.conf").read_text(encoding="utf-8")
    temporary = "".join(f"    {name}_temp_path {folder / name};\n" for name in _TEMPORARY)
    for old, new in (
        ("        server 10.0.0.11:8000;\n        server 10.0.0.12:8000;\n", f"        server 127.0.0.1:{port};\n"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{listens} ssl;"),
        ("/etc/quantong/certificate.pem", str(folder / f"{HOST}.pem")),
        ("/etc/quantong/key.pem", str(folder / f"{HOST}.pem")),
        ("/var/log/nginx/quantong.log", str(folder / "access")),
        ("http {\n", f"http {{\n{temporary}"),
    ):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path = folder / "nginx.conf"
    path.write_text(text, encoding="utf-8")
    return path

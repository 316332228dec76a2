"""Processes, as Linux shows them under /proc."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path

import httpx

POLL_SECONDS = 0.05
PATIENCE_SECONDS = 120.0
"""How long tests wait for what comes in seconds, also beside others that keep the machine busy; success costs none of it."""
NO_ANSWER = (OSError, HTTPException, httpx.TransportError)
"""What a caller sees of a server that isn't there yet, ends, or is killed in the middle of a word."""
_LISTENS = "0A"
_WORKED = slice(11, 13)
_STARTED_AT = 19
"""Which words of a process's figures, after its name, tell its CPU, and when it was started."""


def pids() -> Iterator[int]:
    """Every process that lives (zombies don't)."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and state_of(int(folder.name)) not in ("Z", "X", ""):
            yield int(folder.name)


def _stat(pid: int) -> list[str]:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return ["", "0"]


def state_of(pid: int) -> str:
    """`R`, `S`, `Z` …; nothing for no process."""
    return _stat(pid)[0]


def parent_of(pid: int) -> int:
    """The number of the parent."""
    return int(_stat(pid)[1])


def command_of(pid: int) -> str:
    """The command line, its words joined by spaces."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    return ""


def age_of(pid: int) -> float:
    """Seconds since a process was started; none for no process."""
    stat = _stat(pid)
    if len(stat) <= _STARTED_AT:
        return 0.0
    return time.clock_gettime(time.CLOCK_BOOTTIME) - int(stat[_STARTED_AT]) / os.sysconf("SC_CLK_TCK")


def cpu_of(pid: int) -> float:
    """Seconds of CPU that a process has taken; none for no process."""
    return sum(map(int, _stat(pid)[_WORKED])) / os.sysconf("SC_CLK_TCK")


def children_of(pid: int) -> list[int]:
    """The processes that a process has started."""
    return [one for one in pids() if parent_of(one) == pid]


def family_of(pid: int) -> list[int]:
    """A process, its children, and theirs."""
    parents = {one: parent_of(one) for one in pids()}
    family = [pid]
    for one in family:
        family.extend(child for child, parent in parents.items() if parent == one)
    return family


def naming(text: str) -> dict[int, str]:
    """Processes whose command, environment or working folder names a text, but us; with their commands."""
    found = {}
    for pid in pids():
        if pid != os.getpid() and any(text in told for told in _told(pid)):
            found[pid] = command_of(pid)
    return found


def _told(pid: int) -> Iterator[str]:
    yield command_of(pid)
    with suppress(OSError):
        yield Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace")
    with suppress(OSError):
        yield str(Path(f"/proc/{pid}/cwd").readlink())


def listeners(port: int) -> int:
    """How many sockets of this machine listen on a port of IPv4 (each web worker has one of its own)."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[1].endswith(f":{port:04X}") and row[3] == _LISTENS for row in rows)


def wait_until(true: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> bool:
    """Whether something has become true in time."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True

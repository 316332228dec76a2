"""What web processes hold in memory, told beside what they count: the exporter can't look into their containers."""

from __future__ import annotations

import resource
import threading
import time
from pathlib import Path

from prometheus_client import Gauge

RESIDENT = Gauge(
    "quantong_web_resident_bytes",
    "Memory that the largest web process holds; the Procfile says when one is replaced.",
    multiprocess_mode="livemax",
)
_EVERY_SECONDS = 5.0
_STATM = Path("/proc/self/statm")  # proc(5)
_FILES = "gauge_live*_*.db"


def tell_memory(folder: str | None) -> None:
    """Tells this process's memory from now on, in the folder of metrics; elsewhere than on Linux nothing is told."""
    if folder and _STATM.exists():
        forget_dead(Path(folder))
        threading.Thread(target=_tell, name="memory", daemon=True).start()


def forget_dead(folder: Path) -> None:
    """Drops what processes of this container have told that are no more: a process starts where one has ended."""
    for file in folder.glob(_FILES):
        if not Path("/proc", file.stem.rpartition("_")[2]).exists():
            file.unlink(missing_ok=True)


def _tell() -> None:
    while True:
        RESIDENT.set(int(_STATM.read_text().split()[1]) * resource.getpagesize())
        time.sleep(_EVERY_SECONDS)

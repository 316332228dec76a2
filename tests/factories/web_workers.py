"""The web workers of the product, to be killed."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from tests.factories.processes import age_of, children_of, command_of, listeners, parent_of, pids, wait_until

SETTLED_SECONDS = 6.0
"""Granian gives up on workers that die again within seconds."""


def web_server(address: str) -> int:
    """The process that looks after the web workers."""
    port = f"--port {urlsplit(address).port} "
    served = [pid for pid in pids() if "granian" in command_of(pid) and port in command_of(pid)]
    [found] = [pid for pid in served if parent_of(pid) not in served]
    return found


def web_workers(address: str) -> list[int]:
    """Those that answer at an address."""
    return [pid for pid in children_of(web_server(address)) if "resource_tracker" not in command_of(pid)]


def settled_workers(address: str) -> list[int]:
    """The same, once each of them may die without granian giving up: whatever test killed those before them."""
    assert wait_until(lambda: all(age_of(one) > SETTLED_SECONDS for one in web_workers(address)))
    return web_workers(address)


def wait_for_workers(address: str, killed: Collection[int]) -> None:
    """Until two others are there and listen: with both gone the port refuses whoever comes."""
    port = urlsplit(address).port or 80
    assert wait_until(lambda: len(set(web_workers(address)) - set(killed)) == 2 and listeners(port) == 2)

"""What the application was made with, for whoever runs inside it: settings, keys, the clock, and who may call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from flask import current_app

from app.config import Settings
from app.foundation.clock import Clock
from app.foundation.database.servers import Spread
from app.foundation.keyring import Keyring
from app.foundation.tenancy import Principal
from app.foundation.valkey import Valkey


@dataclass(frozen=True, slots=True)
class Runtime:
    """Made once by `create_app`. `authenticate` tells who holds a bearer key, or raises Unauthorized.

    `at_open_till`: a till's principal together with whose shift is open there; raises TillLocked where none is.
    `has_stepped_up`: whether staff has given its password just now. `clock` gives the instants at which things are
    recorded. `spread`: the servers of districts, where there are several.
    """

    settings: Settings
    keyring: Keyring
    authenticate: Callable[[str], Principal]
    at_open_till: Callable[[Principal], Principal]
    clock: Clock
    valkey: Valkey
    has_stepped_up: Callable[[Principal], bool]
    spread: Spread | None = None


def runtime() -> Runtime:
    """The runtime of the application at hand."""
    return cast(Runtime, current_app.extensions["quantong"])


def keyring() -> Keyring:
    """The keys of the application at hand."""
    return runtime().keyring

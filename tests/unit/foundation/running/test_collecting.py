"""Garbage is looked for again once the product is imported, and not among what the imports made."""

from __future__ import annotations

import gc

import app.cli  # noqa: F401 - imported as the command imports it
from app.foundation.running import collecting


def test_after_the_imports_garbage_is_looked_for_among_what_is_new() -> None:
    assert gc.isenabled()
    frozen = gc.get_freeze_count()
    assert frozen > 10_000
    gc.disable()
    collecting.resume()
    assert gc.isenabled()
    assert gc.get_freeze_count() >= frozen

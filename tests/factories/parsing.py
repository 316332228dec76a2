"""Python 3.11 miscounts how deep a tree is when the collector runs a finalizer midway that parses, too (CPython gh-106905).

In tests one does: what is wrong in a finalizer is told with its traceback, whose marks are parsed. So no garbage is collected
while a tree is made.
"""

from __future__ import annotations

import ast
import gc
from collections.abc import Callable
from functools import wraps
from typing import Any

PARSE: Callable[..., Any] = ast.parse
"""As Python has it."""


@wraps(PARSE)
def parse_undisturbed(*args: Any, **options: Any) -> Any:
    """`ast.parse`, while nothing is collected."""
    collects = gc.isenabled()
    gc.disable()
    try:
        return PARSE(*args, **options)
    finally:
        if collects:
            gc.enable()

"""What is exported goes by its public name, wherever it is written."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from types import FunctionType


def show_as(package: str, exported: Iterable[object]) -> None:
    """Lets classes and functions of private modules say that they are of a package, in tracebacks, `help` and pickles.

    Annotations are read before: afterwards nobody would know in which module their names stand.
    """
    for one in exported:
        if isinstance(one, type | FunctionType) and one.__module__.startswith(f"{package}._"):
            one.__annotations__ = inspect.get_annotations(one, eval_str=True)
            one.__module__ = package

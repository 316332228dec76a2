"""A tree is made whole, also while garbage is collected."""

from __future__ import annotations

import ast
import gc

from tests.factories import parsing

SOURCE = "\n".join(f"def f{number}(a): return [b + {number} for b in a]" for number in range(100))


class Parses:
    """Is garbage from its first moment, and parses when it is collected."""

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        parsing.PARSE("a + b")


def _parse_among_garbage() -> None:
    before = gc.get_threshold()
    gc.set_threshold(50, 1, 1)
    try:
        for _ in range(10):
            for _ in range(20):
                Parses()
            ast.parse(SOURCE)
    finally:
        gc.set_threshold(*before)


def test_nothing_is_collected_while_a_tree_is_made() -> None:
    _parse_among_garbage()
    assert gc.isenabled()

"""Where pieces of batches stand in line, and where they don't."""

from __future__ import annotations

import pytest

from app.foundation.problems import Busy
from app.transactions.sales.batches import MANY, BatchAnswer, _Line

DONE, PUT_OFF = Busy(), None


def is_in_line(line: _Line) -> bool:
    """Whether a piece that comes now stands in line."""
    seen: list[bool] = []

    def piece() -> BatchAnswer:
        seen.append(line._turn.locked())
        return BatchAnswer([PUT_OFF])

    line.do(piece)
    return seen == [True]


def test_pieces_stand_in_line_once_many_sales_are_put_off() -> None:
    line = _Line()
    assert not is_in_line(line)
    assert is_in_line(line)


def test_pieces_don_t_wait_for_each_other_where_few_are_put_off() -> None:
    line = _Line()
    line.do(lambda: BatchAnswer([PUT_OFF]))
    line.do(lambda: BatchAnswer([PUT_OFF, *[DONE] * (MANY - 1)]))
    assert not is_in_line(line)


def test_a_piece_that_fails_gives_its_turn_to_the_next() -> None:
    line = _Line()
    line.do(lambda: BatchAnswer([PUT_OFF]))

    def fails() -> BatchAnswer:
        raise DONE

    with pytest.raises(Busy):
        line.do(fails)
    assert is_in_line(line)

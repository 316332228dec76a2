from __future__ import annotations

import io

import pytest
from rich.console import Console

from demo.progress import track


def test_a_log_gets_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with track("sales", 25, console=Console(file=io.StringIO())) as advance:
        for _ in range(25):
            advance()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "sales: 3 of 25"
    assert lines[-1] == "sales: 25 of 25"
    assert len(lines) == 9


def test_what_was_done_earlier_counts(capsys: pytest.CaptureFixture[str]) -> None:
    with track("members", 1_500, done=1_498, console=Console(file=io.StringIO())) as advance:
        advance()
        advance()
    assert capsys.readouterr().out == "members: 1,500 of 1,500\n"


def test_a_terminal_gets_a_bar(capsys: pytest.CaptureFixture[str]) -> None:
    screen = io.StringIO()
    with track("sales", 2, console=Console(file=screen, force_terminal=True, width=80)) as advance:
        advance()
        advance()
    assert "2/2" in screen.getvalue()
    assert capsys.readouterr().out == ""

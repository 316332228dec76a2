"""Progress told to whoever waits: bars on a terminal, plain lines in a log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

Advance = Callable[[], None]
_LINES = 10


@contextmanager
def track(title: str, total: int, done: int = 0, console: Console | None = None) -> Iterator[Advance]:
    """Gives a function to call once for each of `total` things, of which `done` were done earlier."""
    console = console or Console()
    if not console.is_terminal:
        yield _lines(title, total, done)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(title, total=total, completed=done)
        yield lambda: progress.advance(task)


def _lines(title: str, total: int, done: int) -> Advance:
    """Writes a line at each tenth of the way."""
    count, step = done, max(1, -(-total // _LINES))

    def advance() -> None:
        nonlocal count
        count += 1
        if count % step == 0 or count == total:
            click.echo(f"{title}: {count:,} of {total:,}")

    return advance

"""Where secrets may be shown: on a terminal, or in a new file that only its owner reads; never in a log or a pipe."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click


def is_private() -> bool:
    """Whether standard output is a terminal: what is written there stays with who sits before it."""
    return sys.stdout.isatty()


@contextmanager
def told_in_private(output: Path | None) -> Iterator[Callable[[str], None]]:
    """A way to tell secrets: into a new file of mode 0600, or on a terminal. Nothing is done before there is one.

    Raises click.UsageError where there is neither.
    """
    if output is None:
        if not is_private():
            raise click.UsageError(
                "Secrets are shown on a terminal only: give --output FILE, which is made (mode 0600)."
            )
        yield click.echo
        return
    try:
        file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise click.UsageError(f"{output} can't be made: {error.strerror}.") from error
    try:
        yield lambda text: _write_whole(file, text)
    except BaseException:
        output.unlink()
        raise
    finally:
        os.close(file)


def _write_whole(file: int, text: str) -> None:
    data = text.encode() + b"\n"
    while data:
        data = data[os.write(file, data) :]
    os.fsync(file)

"""Logs: one line on standard output for each thing told, as JSON for machines or as text for a terminal.

Lines carry ids, figures and rules of routes, never what a caller has sent. Texts of exceptions may quote it, so an
exception is told by its class, its SQLSTATE and where it arose, without its text (docs/decisions/0014-logs.md).
"""

from __future__ import annotations

import logging
import os
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import orjson
import psycopg

_OURS = "quantong"
_DECIDED = ("Configuration allows spawning", "Workers respawn is configured")
"""What granian warns of at each start, and docs/decisions/0010 and docs/production.md have decided."""


class JsonLines(logging.Formatter):
    """An object a line: at, level, logger, message, the fields of what is told, and `error`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        error = _error_of(record)
        if error:
            line["error"] = error
        return orjson.dumps(line, default=str).decode()


class TextLines(logging.Formatter):
    """The same for people."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S.%f")[:-3]
        fields = "".join(f" {name}={value}" for name, value in getattr(record, "fields", {}).items())
        error = "".join("\n    " + line for line in _error_of(record))
        return f"{at} {record.levelname.lower():7} {record.name}: {record.getMessage()}{fields}{error}"


def _error_of(record: logging.LogRecord) -> list[str]:
    return told_of(record.exc_info[1]) if record.exc_info and record.exc_info[1] else []


def told_of(error: BaseException) -> list[str]:
    """An exception and those that led to it, the first cause last: class, SQLSTATE and place, never the text."""
    lines: list[str] = []
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        name = f"{type(cause).__module__}.{type(cause).__qualname__}"
        state = getattr(cause, "sqlstate", None) if isinstance(cause, psycopg.Error) else None
        lines.append(f"{name} {state}" if state else name)
        frames = traceback.extract_tb(cause.__traceback__)
        lines += [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return lines


def formatter(shape: str = "") -> logging.Formatter:
    """The formatter for a LOG_FORMAT; that of the environment if none is given (granian's logs ask so)."""
    shape = shape or os.environ.get("LOG_FORMAT", "") or "auto"
    if shape == "auto":
        shape = "text" if sys.stdout.isatty() else "json"
    return TextLines() if shape == "text" else JsonLines()


def news() -> Callable[[logging.LogRecord], bool]:
    """The filter of granian's logs: without its doubts about what has been decided."""
    return lambda record: not record.getMessage().startswith(_DECIDED)


def set_up(level: str, shape: str) -> None:
    """Sends all logs of this process to standard output: ours from a level on, those of libraries from warnings on.

    Libraries say less, since some of them tell headers and parameters when asked for more.
    """
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(formatter(shape))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    _look_less()
    logging.getLogger(_OURS).setLevel(level.upper())
    sys.excepthook = _last_words


def _look_less() -> None:
    """Lets records go without what no line shows (logging HOWTO, "Optimization"): caller, thread, process."""
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False


def _last_words(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """What ends a process is told like everything else."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        logging.getLogger(_OURS).critical("ended by %s", kind.__name__, exc_info=(kind, error, trace))

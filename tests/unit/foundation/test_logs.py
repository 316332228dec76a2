"""What is told of an exception, and in which shape."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from app.foundation.logs import JsonLines, TextLines, formatter, news, told_of

PHONE = "13800138000"
ROOT = Path(__file__).parents[3]


def failing(text: str) -> Exception:
    """An exception that quotes a text, and so does the one that led to it."""
    try:
        try:
            int(text)
        except ValueError as error:
            raise RuntimeError(text) from error
    except RuntimeError as error:
        return error


def record(error: Exception | None = None, **fields: object) -> logging.LogRecord:
    exc_info = (type(error), error, error.__traceback__) if error else None
    made = logging.LogRecord("quantong.test", logging.WARNING, __file__, 1, "what %s", ("happened",), exc_info)
    made.fields = fields
    return made


@pytest.mark.parametrize("shape", ["json", "text"])
def test_an_exception_is_told_without_its_text(shape: str) -> None:
    line = formatter(shape).format(record(failing(f"x{PHONE}")))
    assert PHONE not in line
    for part in ("builtins.RuntimeError", "builtins.ValueError", "test_logs.py", "failing", "what happened"):
        assert part in line


def test_a_database_s_error_is_told_by_its_state() -> None:
    error = psycopg.errors.UniqueViolation(f"Key (phone)=({PHONE}) already exists.")
    assert told_of(error) == ["psycopg.errors.UniqueViolation 23505"]


def test_a_circle_of_causes_ends() -> None:
    first, second = ValueError(), TypeError()
    first.__cause__, second.__cause__ = second, first
    assert len(told_of(first)) == 2


def test_a_line_is_one_json_object_with_its_fields() -> None:
    line = JsonLines().format(record(status=201, route="/v1/members"))
    told_of = json.loads(line)
    assert told_of.pop("at").endswith("+00:00")
    fixed = {"level": "warning", "logger": "quantong.test", "message": "what happened"}
    assert told_of == {**fixed, "status": 201, "route": "/v1/members"}
    assert "\n" not in JsonLines().format(record(failing("two\nlines")))


def test_people_read_the_same() -> None:
    assert TextLines().format(record(status=201)).endswith("warning quantong.test: what happened status=201")


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("LOG_FORMAT", raising=False)
    yield


@pytest.mark.usefixtures("plain")
def test_the_shape_follows_the_setting_and_else_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert isinstance(formatter("auto"), JsonLines)
    assert isinstance(formatter("text"), TextLines)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert isinstance(formatter(), TextLines)
    monkeypatch.setenv("LOG_FORMAT", "json")
    assert isinstance(formatter(), JsonLines)


def test_what_ends_a_process_is_told_the_same_way() -> None:
    code = f"from app.foundation.logs import set_up; set_up('info', 'json'); raise ValueError('{PHONE}')"
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 1
    assert PHONE not in ended.stdout + ended.stderr.replace(code, "")
    line = json.loads(ended.stdout)
    assert (line["level"], line["message"], line["error"][0]) == (
        "critical",
        "ended by ValueError",
        "builtins.ValueError",
    )


def test_libraries_say_no_more_when_we_do() -> None:
    code = (
        "import logging; from app.foundation.logs import set_up; set_up('debug', 'json');"
        "logging.getLogger('httpcore').debug('Authorization'); logging.getLogger('quantong.x').debug('ours')"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert [json.loads(line)["message"] for line in ended.stdout.splitlines()] == ["ours"]


def test_granian_s_logs_have_the_same_shape() -> None:
    config = json.loads((ROOT / "logging.json").read_text())
    assert config["formatters"]["line"]["()"] == f"{formatter.__module__}.{formatter.__name__}"
    assert config["filters"]["news"]["()"] == f"{news.__module__}.{news.__name__}"


def test_granian_s_doubts_about_what_is_decided_are_not_told() -> None:
    code = (
        "import json, logging, logging.config; logging.config.dictConfig(json.load(open('logging.json')));"
        "log = logging.getLogger('_granian'); log.warning('Configuration allows spawning up to 1024 Python threads');"
        "log.warning('Workers respawn is configured, but'); log.warning('Killing worker-1')"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert [json.loads(line)["message"] for line in ended.stdout.splitlines()] == ["Killing worker-1"]

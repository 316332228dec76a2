"""Holds the words of every refusal that a test gets against the language that was asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def check_language(asked: str | None, body: Any, headers: Mapping[str, str]) -> None:
    """Raises AssertionError where a problem speaks another language than its reader, who reads Chinese unless told."""
    problems = list(_problems(body, headers))
    if not problems:
        return
    wanted = "en" if (asked or "").startswith("en") else "zh"
    assert headers["Content-Language"] == wanted, headers
    assert "Accept-Language" in headers["Vary"]
    for sentence in (one for problem in problems for one in _sentences(problem)):
        assert bool(_CHINESE.search(sentence)) == (wanted == "zh"), f"not in {wanted}: {sentence}"


def _problems(body: Any, headers: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    if body is None:
        return  # an answer to HEAD
    if headers.get("Content-Type") == "application/problem+json":
        yield body
    elif isinstance(body, dict) and body.get("object") == "batch":
        yield from (one["problem"] for one in body["results"] if "problem" in one)


def _sentences(problem: dict[str, Any]) -> Iterator[str]:
    yield from (problem["title"], problem["detail"])
    yield from (flaw["detail"] for flaw in problem.get("errors", ()))

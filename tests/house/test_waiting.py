"""What tests wait for: a server that is killed answers in many ways, and a busy machine takes its time."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.house.test_architecture import files, name_of

ASKS = ("urlopen", "over_http", "httpx.get", "httpx.post")
"""Calls by which helpers ask whether a server is there."""


def asks(body: list[ast.stmt]) -> bool:
    """Whether some lines call a server."""
    return any(
        ast.unparse(node.func).endswith(ASKS) for line in body for node in ast.walk(line) if isinstance(node, ast.Call)
    )


def forgiving(path_of_errors: ast.expr | None) -> bool:
    """Whether what is caught is more than an OSError: httpx and http.client have errors of their own."""
    return path_of_errors is None or ast.unparse(path_of_errors) not in ("OSError", "ConnectionError")


def impatient() -> Iterator[str]:
    for path in files("tests", "app/launcher"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Try) and asks(node.body) and not all(forgiving(one.type) for one in node.handlers):
                yield f"{name_of(path)}:{node.lineno}"
            if isinstance(node, ast.With):
                calls = [item.context_expr for item in node.items if isinstance(item.context_expr, ast.Call)]
                suppressed = [one for one in calls if ast.unparse(one.func) == "suppress"]
                others = [ast.Expr(one) for one in calls if one not in suppressed]
                if (
                    suppressed
                    and asks([*node.body, *others])
                    and [ast.unparse(a) for a in suppressed[0].args] == ["OSError"]
                ):
                    yield f"{name_of(path)}:{node.lineno}"


def test_who_asks_a_server_that_may_be_gone_forgives_every_way_of_not_answering() -> None:
    assert list(impatient()) == [], "catch NO_ANSWER of tests/factories/processes.py"


def test_nobody_waits_less_long_than_all_do() -> None:
    for path in files("tests"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "wait_until":
                assert len(node.args) == 1 and not node.keywords, f"{name_of(path)}:{node.lineno}"

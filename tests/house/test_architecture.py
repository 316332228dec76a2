"""The house stands as `CONTRIBUTING.md` says: read from the code, without running it."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCT = ("app", "merchant_sdk", "demo")
LONGEST_FILE = 450
MOST_FILES = 20
"""In a folder, with what makes it a package."""
IN_EACH_ROOM = {"Desk", "Facts", "Parts"}
"""Classes that several rooms have under one name, for they are one idea (docs/decisions/0039-desks.md)."""

COMMITS = {
    "app/foundation/database/unit_of_work.py",
    "app/launcher/postgres.py",  # makes roles and databases, which PostgreSQL does in no transaction
}
CLOCKS = {
    "app/foundation/clock.py",
    "app/foundation/http/limits/rate_limit.py",  # the limiter's window ends by the machine's clock
    "app/launcher/lan.py",  # the launcher knows no room; a certificate is for browsers' clocks
}
CLOCK_CALLS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"}
THE_FACTORY = {"app/factory.py"}
Named = Callable[[ast.AST], str | None]


def files(*folders: str) -> Iterator[Path]:
    """Every Python file of some packages."""
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def found(look: Named, *folders: str, but_in: set[str] = frozenset()) -> list[str]:
    """Where in the code `look` names something, outside some files."""
    return [one for path in files(*folders) if name_of(path) not in but_in for one in found_in(path, look)]


def found_in(path: Path, look: Named) -> list[str]:
    return [
        f"{name_of(path)}:{getattr(node, 'lineno', 0)} {what}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (what := look(node)) is not None
    ]


def a_commit(node: ast.AST) -> str | None:
    if isinstance(node, ast.Attribute) and node.attr in ("commit", "autocommit"):
        return f".{node.attr}"
    if isinstance(node, ast.keyword) and node.arg in ("commit", "autocommit"):
        return f"{node.arg}="
    if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
        text = node.value if isinstance(node.value, str) else node.value.decode(errors="replace")
        return "COMMIT" if re.fullmatch(r"\s*(COMMIT|END|ROLLBACK)\b[\w\s;]*", text) else None
    return None


def a_clock(node: ast.AST) -> str | None:
    if isinstance(node, ast.Call) and ast.unparse(node.func) in CLOCK_CALLS:
        return ast.unparse(node.func)
    return None


def a_hidden_import(node: ast.AST) -> str | None:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        for inner in ast.walk(node):
            if isinstance(inner, ast.Import | ast.ImportFrom):
                return f"{ast.unparse(inner)} (line {inner.lineno})"
    return None


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports, by its whole name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_one_place_commits() -> None:
    assert found(a_commit, "app", "demo", but_in=COMMITS) == []


def test_the_exceptions_are_still_needed() -> None:
    for exceptions, look in ((COMMITS, a_commit), (CLOCKS, a_clock)):
        for name in exceptions:
            assert found_in(ROOT / name, look), name


def test_the_clock_is_read_in_one_place() -> None:
    assert found(a_clock, "app", but_in=CLOCKS) == []


def test_messages_leave_by_a_way_that_knows_sandboxes() -> None:
    """`sender_for`: what `sender_of` gives may be a provider's, also in a sandbox."""
    for path in files("app"):
        if not name_of(path).startswith("app/sms/"):
            assert "sender_of" not in path.read_text(encoding="utf-8"), name_of(path)


def test_nothing_is_imported_inside_a_function() -> None:
    assert found(a_hidden_import, *PRODUCT, "migrations") == []


def test_no_room_imports_the_tables_of_another() -> None:
    for path in files("app"):
        if name_of(path) not in THE_FACTORY:
            own = f"app.{path.relative_to(ROOT / 'app').parts[0]}"
            of_others = {
                module
                for module in imported(path)
                if re.fullmatch(r"app(\.\w+){1,2}\.models(\.\w+)?", module) and not module.startswith(f"{own}.")
            }
            assert not of_others, name_of(path)


def test_no_room_imports_the_routes_of_another() -> None:
    """How rows are shown, which others need too, stands in `present.py`."""
    for path in files("app"):
        if name_of(path) not in THE_FACTORY:
            own = f"app.{path.relative_to(ROOT / 'app').parts[0]}"
            of_others = {
                module
                for module in imported(path)
                if re.fullmatch(r"app(\.\w+){1,2}\.(\w+_)?api(\.\w+)?", module) and not module.startswith(f"{own}.")
            }
            assert not of_others, name_of(path)


def test_rows_are_shown_in_present() -> None:
    for path in files("app"):
        if path.stem.endswith("api"):
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.FunctionDef) and not node.decorator_list:
                    assert not node.name.startswith(("present_", "show_")), f"{name_of(path)}:{node.lineno}"


def test_queries_only_read() -> None:
    for path in files("app"):
        if path.stem.endswith("queries"):
            writes = re.findall(
                r"INSERT INTO|DELETE FROM|session\.(?:add|delete)|\bUPDATE\s.*\bSET\b", path.read_text(encoding="utf-8")
            )
            assert not writes, name_of(path)


def test_no_folder_holds_more_than_can_be_seen_at_once() -> None:
    for folder in {path.parent for path in files(*PRODUCT)}:
        assert len(list(folder.glob("*.py"))) <= MOST_FILES, name_of(folder)


def test_a_name_of_a_class_means_one_thing() -> None:
    """Two classes of one name are two things with one word; a row beside the value that it holds is called `…Row`."""
    names: dict[str, list[str]] = {}
    for path in files("app"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                names.setdefault(node.name, []).append(name_of(path))
    assert {name: places for name, places in names.items() if len(places) > 1 and name not in IN_EACH_ROOM} == {}


def test_packages_hold_a_docstring_and_nothing_else() -> None:
    for path in files("app", "demo"):
        if path.name == "__init__.py":
            body = ast.parse(path.read_text(encoding="utf-8")).body
            assert len(body) == 1, name_of(path)
            assert isinstance(body[0], ast.Expr), name_of(path)
            assert isinstance(body[0].value, ast.Constant), name_of(path)


def test_every_module_says_what_it_is() -> None:
    for path in files(*PRODUCT, "migrations"):
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), name_of(path)


def test_no_file_is_too_long() -> None:
    for path in files(*PRODUCT, "migrations"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE, name_of(path)


def test_there_is_no_room_without_a_name() -> None:
    for path in files(*PRODUCT):
        assert path.stem not in ("util", "utils", "helper", "helpers", "common", "misc"), name_of(path)


def test_services_take_the_unit_of_work_first() -> None:
    for path in files("app"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                names = [argument.arg for argument in node.args.posonlyargs + node.args.args]
                assert "uow" not in names[1:], f"{name_of(path)}:{node.lineno} {node.name}"


def test_imports_go_down_the_floors() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    ended = subprocess.run(command, cwd=ROOT, env={**os.environ, "NO_COLOR": "1"}, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout[-3000:]


def test_no_sql_asks_the_database_for_a_local_day() -> None:
    """It has rules of time zones of its own; `transactions/local_days.py` brings ours along."""
    for path in files("app"):
        for found in re.findall(r"AT TIME ZONE\s+(\S+)", path.read_text(encoding="utf-8")):
            assert found.startswith("'UTC'") or name_of(path) == "app/transactions/local_days.py", name_of(path)

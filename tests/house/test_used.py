"""What the product holds, it uses: nothing stands in `app/` that only tests run, while a twin of it runs in production."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
USED_FROM_OUTSIDE = {
    "app.foundation.tenant_tables.behind_the_wall": "migrations/versions/0001_districts.py",
    "app.foundation.logs.news": "logging.json",
    "app.foundation.running.memory.tell_memory": "wsgi.py",
}
"""What others than the product call, and one place that does."""
BEGUN = ("app.coupons.bill.",)
"""Floors of rooms that are being built: what stands on them comes next, and this goes when it does."""
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the product by its whole name."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): ast.parse(
            path.read_text(encoding="utf-8")
        )
        for path in sorted((ROOT / "app").rglob("*.py"))
    }


def is_called_by_its_frame(module: str, node: Definition) -> bool:
    """Routes, commands and listeners are found by their decorators, tables by the database."""
    return bool(node.decorator_list) or module.rpartition(".")[2] == "models"


def defined() -> Iterator[str]:
    """Public functions and classes by their whole names."""
    for module, tree in modules().items():
        for node in tree.body:
            is_public = isinstance(node, Definition) and not node.name.startswith("_")
            if is_public and not is_called_by_its_frame(module, node):
                yield f"{module}.{node.name}"


def named_in(module: str, tree: ast.Module) -> Iterator[str]:
    """The whole names of what a module uses: by an import, by a module's name, by its own name, or in a job's text."""
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                known[alias.asname or alias.name] = f"{node.module}.{alias.name}"
                yield f"{node.module}.{alias.name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield f"{module}.{node.id}"
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{known.get(node.value.id, node.value.id)}.{node.attr}"
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("app."):
            yield node.value


@cache
def used() -> frozenset[str]:
    return frozenset(name for module, tree in modules().items() for name in named_in(module, tree))


def unused() -> set[str]:
    return set(defined()) - used()


def test_everything_public_is_used_by_the_product() -> None:
    assert sorted(unused() - USED_FROM_OUTSIDE.keys()) == []


def test_the_exceptions_are_still_needed() -> None:
    for name, place in USED_FROM_OUTSIDE.items():
        assert name in unused(), f"{name} is used by the product itself"
        assert name.rpartition(".")[2] in (ROOT / place).read_text(encoding="utf-8"), f"{place} doesn't use {name}"

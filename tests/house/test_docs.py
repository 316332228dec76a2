"""What is written agrees with what is coded: problems, settings, words, decisions. Needs no database."""

from __future__ import annotations

import ast
import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from flask import Flask
from jinja2.ext import babel_extract

import app
from app.config import settings_page
from app.events_page import events_page, example, kinds
from app.foundation.database.outbox import Event
from app.foundation.i18n import Words, register_languages
from app.foundation.problems import DomainError
from app.points.earning import words
from app.points.earning.outcomes import Outcome, outcomes_of

ROOT = Path(__file__).parents[2]
PROBLEMS = ROOT / "docs" / "problems"
DECISIONS = ROOT / "docs" / "decisions"
CATALOGUE = ROOT / "app" / "translations" / "zh" / "LC_MESSAGES" / "messages.po"
GETTEXT = {"_", "_l", "gettext", "lazy_gettext"}


for found in pkgutil.walk_packages(app.__path__, "app."):
    if not found.name.startswith("app.launcher"):
        importlib.import_module(found.name)  # a refusal is known once its module is loaded


def pages(folder: Path) -> set[str]:
    """Names of a folder's pages, without its index."""
    return {path.stem for path in folder.glob("*.md")} - {"README"}


def catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="zh") if path.suffix == ".po" else read_mo(file)


def translations(of: Catalog) -> dict[str, str]:
    return {str(message.id): str(message.string) for message in of if message.id}


def words_in_code() -> Iterator[str]:
    """Every text that is handed to gettext under its usual names."""
    for path in (ROOT / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in GETTEXT:
                assert isinstance(node.args[0], ast.Constant), f"{path.name}:{node.lineno}: gettext takes a literal"
                yield str(node.args[0].value)
    for path in (ROOT / "app").rglob("templates/**/*.html"):
        with path.open("rb") as page:
            for _, _, message, _ in babel_extract(page, ("_",), (), {}):
                yield str(message[0] if isinstance(message, tuple) else message)


def test_every_problem_has_its_page_and_every_page_its_problem() -> None:
    assert pages(PROBLEMS) == DomainError.known.keys()


@pytest.mark.parametrize("code", sorted(DomainError.known))
def test_a_problem_s_page_agrees_with_the_code(code: str) -> None:
    error = DomainError.known[code]
    text = (PROBLEMS / f"{code}.md").read_text(encoding="utf-8")
    assert text.startswith(f"# `{code}`\n\n**{error.status}** · {error.title}\n")
    for part in ("- **When:** ", "- **What to do:** ", "## 中文", "- **何时：**", "- **怎么办：**"):
        assert part in text
    example = json.loads(re.findall(r"```json\n(.*?)```", text, re.DOTALL)[0])
    expected = error().as_problem(example["request_id"])
    assert {**expected, "detail": example["detail"]} == {key: example[key] for key in expected}
    assert example.keys() - expected.keys() <= {"errors", *error.more}


def test_refusals_speak_words_that_are_marked_for_the_catalogue() -> None:
    """Types say so of details and flaws (`Words`); titles, and what schemas refuse, are looked at here."""
    for error in DomainError.known.values():
        assert isinstance(error.title, Words), error
    for path in (ROOT / "app").rglob("*.py"):
        if path.name != "validation.py":
            assert "ValidationError(" not in path.read_text(encoding="utf-8"), f"{path}: raise Wrong(code, _l(…))"


def test_the_index_of_problems_is_complete() -> None:
    index = (PROBLEMS / "README.md").read_text(encoding="utf-8")
    for code, error in DomainError.known.items():
        assert f"| [`{code}`]({code}.md) | {error.status} | {error.title} |" in index


def test_the_page_of_settings_is_the_generated_one() -> None:
    written = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert written == settings_page(), "run `make docs`"


def test_the_page_of_events_is_the_generated_one() -> None:
    written = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
    assert written == events_page(), "run `make docs`"


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.type)
def test_every_event_is_described_and_names_nobody(kind: type[Event]) -> None:
    written = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
    assert f"\n## `{kind.type}`\n" in written
    assert re.fullmatch(r"[a-z_]+\.[a-z_]+", kind.type)
    assert not {"phone", "name", "birthday", "phone_indexes", "secret"} & example(kind).keys()


def test_every_word_shown_to_readers_is_in_the_catalogue() -> None:
    assert translations(catalogue(CATALOGUE)).keys() == set(words_in_code()), "run `make translations`"


def test_the_chinese_catalogue_is_complete() -> None:
    for message in catalogue(CATALOGUE):
        assert not message.fuzzy, message.id
        assert message.string, message.id
        if message.id:
            assert re.search(r"[\u4e00-\u9fff]", str(message.string)), message.id


def test_the_compiled_catalogue_is_that_of_the_sources() -> None:
    compiled = catalogue(CATALOGUE.with_suffix(".mo"))
    assert translations(compiled) == translations(catalogue(CATALOGUE)), "run `make translations`"


@pytest.mark.parametrize("code", sorted(words.CODES))
def test_readers_are_told_why_in_their_language(code: str) -> None:
    chinese, default, english = (why(code, language) for language in ("zh-CN", None, "en-GB"))
    assert re.search(r"[\u4e00-\u9fff]", chinese)
    assert default == chinese
    assert english.isascii()


def why(code: str, language: str | None) -> str:
    """The words for a code."""
    application = Flask("words", static_folder=None)
    register_languages(application)
    with application.test_request_context(headers={"Accept-Language": language} if language else {}):
        [line] = words.Explainer([])(outcomes_of([Outcome("base", 0, code)]))
    return str(line["why"])


def test_the_readme_shows_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for command in ("make run", "make test"):
        assert re.search(rf"^{command}\b", text, re.MULTILINE), command


def test_every_decision_is_numbered_named_and_listed() -> None:
    names = sorted(pages(DECISIONS))
    assert [name[:4] for name in names] == [f"{number:04}" for number in range(1, len(names) + 1)]
    index = (DECISIONS / "README.md").read_text(encoding="utf-8")
    for name in names:
        assert re.fullmatch(r"\d{4}(-[a-z0-9]+)+", name)
        assert f"| [{name[:4]}]({name}.md) |" in index
        text = (DECISIONS / f"{name}.md").read_text(encoding="utf-8")
        assert text.startswith(f"# {name[:4]}: ")
        for part in ("**Context.**", "**Choice", "**Weighed", "**Consequence.**"):
            assert part in text, (name, part)


def documents() -> list[Path]:
    written = [ROOT / "README.md", ROOT / "SECURITY.md", ROOT / "CONTRIBUTING.md", ROOT / "merchant_sdk" / "README.md"]
    return [*written, *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#\s]+)\)", text):
        if "://" not in target:
            assert (path.parent / target).exists(), target


def sources() -> list[Path]:
    """Every file in which a page may be named."""
    folders = ("app", "merchant_sdk", "demo", "benchmarks", "migrations", "tests", "docs")
    found = (path for folder in folders for kind in ("*.py", "*.md", "*.html") for path in (ROOT / folder).rglob(kind))
    return [*found, ROOT / "Makefile", ROOT / "setup.cfg", ROOT / "pyproject.toml", *ROOT.glob("*.md")]


def test_no_page_is_named_that_is_not_there() -> None:
    """Whoever follows a docstring to a page finds it in this project."""
    there = tuple(f"/{path.relative_to(ROOT).as_posix()}" for path in sources() if path.suffix == ".md")
    for path in sources():
        for name in re.findall(
            r"(?<![\w}>*/.-])(?:\.\./)*([\w-][\w./-]*\.md)\b", path.read_text(encoding="utf-8"), re.ASCII
        ):
            assert any(one.endswith(f"/{name}") for one in there), f"{path.relative_to(ROOT)} names {name}"


def floors() -> list[str]:
    """The floors of the house and of its wings, as `setup.cfg` has them, each in a line."""
    contracts = ConfigParser()
    contracts.read(ROOT / "setup.cfg", encoding="utf-8")
    layered = [contracts[one] for one in contracts.sections() if one.startswith("importlinter:contract:")]
    return [" > ".join(one["layers"].split("\n")[1:]) for one in layered if one.get("containers", "").startswith("app")]


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "docs/decisions/0001-house.md"])
def test_floors_are_shown_as_they_are(name: str) -> None:
    text = " ".join((ROOT / name).read_text(encoding="utf-8").split())
    assert len(floors()) == 9
    for one in floors():
        assert one in text, f"setup.cfg: {one}"


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_code_that_is_named_is_there(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for name in re.findall(r"`((?:app|demo|benchmarks|merchant_sdk)/[\w/.-]*)`", text):
        assert (ROOT / name).exists(), name

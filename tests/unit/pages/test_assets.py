"""The tree of static files, named by its digest."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from app.pages.assets import Assets


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name, text in {
        "door/door.js": 'import { a } from "./a.js";\nimport "../shared/b.js";\nexport { c } from "../shared/c.js";\n',
        "door/a.js": 'import{b}from"../shared/b.js";',
        "shared/b.js": "export const b = 'import \"./none.js\"';" + "//" * 99,
        "shared/c.js": 'import { a } from "../door/a.js";',
        "shared/LICENSE": "…",
        "vendor/swagger-ui/swagger-ui.css": "",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_modules_name_all_that_they_import(tree: Path) -> None:
    found = Assets.of(tree)
    assert found.imports("door/door.js") == ["door/a.js", "shared/b.js", "shared/c.js"]
    assert found.imports("door/none.js") == []


def test_only_what_pages_use_is_served(tree: Path) -> None:
    assert set(Assets.of(tree).files) == {"door/door.js", "door/a.js", "shared/b.js", "shared/c.js"}


def test_the_digest_is_that_of_the_tree(tree: Path) -> None:
    before = Assets.of(tree).digest
    assert Assets.of(tree).digest == before
    (tree / "door" / "a.js").rename(tree / "door" / "d.js")
    assert Assets.of(tree).digest != before


def test_texts_are_packed_where_that_is_shorter(tree: Path) -> None:
    files = Assets.of(tree).files
    packed = files["shared/b.js"].packed
    assert packed is not None
    assert gzip.decompress(packed) == files["shared/b.js"].content
    assert files["door/a.js"].packed is None

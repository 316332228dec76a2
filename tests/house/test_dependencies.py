"""What we depend on: locked with hashes, under licences that allow what we do, one lock within the other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKED = re.compile(
    r"^([a-z0-9-]+)(?:\[[^]]*\])?==(\S+)((?: ; [^\\]*)?) ?\\\n((?:    --hash=\S+ ?\\?\n)*)", re.MULTILINE
)

ALLOWED = {"MIT", "MIT-0", "MIT-CMU", "BSD", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "PSF-2.0", "ISC", "0BSD"}
ALLOWED |= {
    "MPL-2.0",
    "Unlicense",
    "CNRI-Python",
}  # of files, which we don't change; no licence at all; Python's own of old
ALONE = {
    "beancount": "GPL-2.0-only",
    "psycopg": "LGPL-3.0-only",
    "psycopg-binary": "LGPL-3.0-only",
}
"""Used unmodified: libraries that anybody may replace (docs/decisions/0012-libraries.md), a program that tests alone call."""
NAMES = {
    "Apache Software License": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "BSD License": "BSD",
    "MIT License": "MIT",
    "ISC License (ISCL)": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
}
NO_LICENCE = {"Other/Proprietary License"}
"""Said beside a licence of a trademark that it doesn't give (qrcode)."""


def locked(name: str) -> list[tuple[str, str, str, str]]:
    """Name, version, marker and hashes of each package in a lock; some have two versions, with other markers."""
    return LOCKED.findall((ROOT / name).read_text(encoding="utf-8"))


PRODUCTION, DEVELOPMENT = locked("requirements.lock"), locked("requirements-dev.lock")


def licences(package: str) -> Iterator[str]:
    """The licences that a package names: its expression's, else its classifiers', else its text's first line."""
    told = metadata(package)
    if told["License-Expression"]:
        yield from re.findall(r"[\w.-]+", re.sub(r"\b(AND|OR|WITH)\b", " ", told["License-Expression"]))
        return
    classified = [one.rpartition(" :: ")[2] for one in told.get_all("Classifier") or [] if one.startswith("License ::")]
    named = [one for one in classified if one not in (*NO_LICENCE, "OSI Approved")]
    yield from (NAMES.get(one, one) for one in named or [(told["License"] or "none").strip().splitlines()[0]])


def test_every_package_is_locked_with_hashes() -> None:
    for name, lock in (("requirements.lock", PRODUCTION), ("requirements-dev.lock", DEVELOPMENT)):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert len(lock) == len(re.findall(r"^[a-z0-9][^\n]*==", text, re.MULTILINE)) > 40
        assert [package for package, _, _, hashes in lock if "--hash=sha256:" not in hashes] == []
        assert "://" not in text, "a lock names no address"


def test_production_is_part_of_development() -> None:
    versions = {one[:2] for one in PRODUCTION}
    assert versions <= {one[:2] for one in DEVELOPMENT}
    assert not {"pytest", "ruff", "mypy", "hypothesis", "playwright", "beancount"} & {
        package for package, _ in versions
    }


@pytest.mark.parametrize("package", sorted({package for package, *_ in DEVELOPMENT}))
def test_its_licence_is_one_that_we_allow(package: str) -> None:
    try:
        found = set(licences(package))
    except PackageNotFoundError:
        assert (package, "") not in {(one, marker) for one, _, marker, _ in PRODUCTION}, "it is not installed"
        pytest.skip("not for this machine")
    assert found - {ALONE.get(package)} <= ALLOWED, found


def test_the_product_and_the_sdk_have_one_licence() -> None:
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in licence.splitlines()[0] + licence.splitlines()[1]
    assert (ROOT / "merchant_sdk" / "LICENSE").read_text(encoding="utf-8") == licence
    assert "license = Apache-2.0\n" in (ROOT / "setup.cfg").read_text(encoding="utf-8")

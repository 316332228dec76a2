from __future__ import annotations

import ast
import importlib
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from email.message import Message
from email.parser import Parser
from importlib.metadata import requires
from pathlib import Path

import pytest

import merchant_sdk

SOURCE = Path(merchant_sdk.__file__).parent


def run(*command: object, **options: object) -> str:
    """Runs a command to its end and gives what it says."""
    done = subprocess.run(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        **options,  # type: ignore[call-overload]
    )
    assert done.returncode == 0, done.stdout
    return str(done.stdout)


def modules_of_the_wheel() -> list[Path]:
    """Every module but the examples, which are read where they are."""
    return [path for path in SOURCE.rglob("*.py") if "examples" not in path.parts]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built of a copy, so that nothing is left in the repository."""
    place = tmp_path_factory.mktemp("wheel")
    without = shutil.ignore_patterns("__pycache__", "build", "dist", "*.egg-info")
    shutil.copytree(SOURCE, place / "merchant_sdk", ignore=without)
    run(
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        place,
        "merchant_sdk",
        cwd=place,
    )
    [wheel] = place.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    """The METADATA of the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        [name] = [name for name in archive.namelist() if name.endswith("/METADATA")]
        return Parser().parsestr(archive.read(name).decode())


def test_its_name_and_version(wheel: Path, metadata: Message) -> None:
    version = merchant_sdk.__version__
    assert wheel.name == f"quantong_merchant_sdk-{version}-py3-none-any.whl"
    assert (metadata["Name"], metadata["Version"]) == ("quantong-merchant-sdk", version)
    assert metadata["Requires-Python"] == ">=3.11"


def test_its_licence_comes_along(wheel: Path, metadata: Message) -> None:
    assert (metadata["License-Expression"], metadata["License-File"]) == ("Apache-2.0", "LICENSE")
    with zipfile.ZipFile(wheel) as archive:
        [name] = [name for name in archive.namelist() if name.endswith("/LICENSE")]
        assert archive.read(name) == (SOURCE / "LICENSE").read_bytes()


def test_it_needs_httpx_only(metadata: Message) -> None:
    needs = [need for need in metadata.get_all("Requires-Dist") or [] if "extra ==" not in need]
    assert [re.match(r"[\w.-]+", need).group() for need in needs] == ["httpx"]  # type: ignore[union-attr]


def test_spreadsheets_are_an_extra(metadata: Message) -> None:
    assert metadata.get_all("Provides-Extra") == ["xlsx"]
    [need] = [need for need in metadata.get_all("Requires-Dist") or [] if "extra ==" in need]
    assert re.fullmatch(r"openpyxl.*; extra == .xlsx.", need)


def test_its_readme_is_told(metadata: Message) -> None:
    assert metadata.get_payload() == (SOURCE / "README.md").read_text(encoding="utf-8")


def test_it_holds_the_package_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    modules = {path.relative_to(SOURCE.parent).as_posix() for path in modules_of_the_wheel()}
    assert names == modules | {"merchant_sdk/py.typed"}


def test_it_imports_the_standard_library_and_httpx_only() -> None:
    found = set()
    for file in modules_of_the_wheel():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0
                found.add(str(node.module).split(".")[0])
    assert found - set(sys.stdlib_module_names) == {"httpx", "merchant_sdk"}


def test_it_works_in_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    run(sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv")
    python = tmp_path / "venv" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", wheel)
    for module in set(_modules_of("httpx")):
        _link(module, tmp_path / "needed")
    program = (
        "import merchant_sdk, httpx;"
        "answer = lambda request: httpx.Response(200, json={'on': '2026-01-01', 'count': 3});"
        "client = merchant_sdk.Client('k', 'http://q.test', transport=httpx.MockTransport(answer));"
        "print(client.transactions.summary('2026-01-01').count, merchant_sdk.__file__)"
    )
    said = run(python, "-c", program, cwd=tmp_path, env={"PYTHONPATH": str(tmp_path / "needed")})
    count, file = said.split(maxsplit=1)
    assert count == "3"
    assert Path(file.strip()).is_relative_to(tmp_path / "venv")
    command = [python.with_name("quantong-merchant"), "report", tmp_path / "sales.xlsx"]
    (tmp_path / "sales.xlsx").write_bytes(b"PK\x03\x04")
    done = subprocess.run(command, capture_output=True, text=True, env={"PYTHONPATH": str(tmp_path / "needed")})
    assert (done.returncode, done.stdout) == (2, "")
    assert "quantong-merchant-sdk[xlsx]" in done.stderr


def _modules_of(distribution: str) -> Iterator[str]:
    """The top modules of a distribution and all it needs, extras aside; they bear their names."""
    yield distribution.replace("-", "_")
    for need in requires(distribution) or []:
        name, _, marker = need.partition(";")
        if not marker:
            yield from _modules_of(re.match(r"[\w.-]+", name).group())  # type: ignore[union-attr]


def _link(module: str, place: Path) -> None:
    """Makes one installed module reachable from a folder, without its neighbours."""
    file = Path(str(importlib.import_module(module).__file__))
    source = file.parent if file.name == "__init__.py" else file
    place.mkdir(exist_ok=True)
    (place / source.name).symlink_to(source)

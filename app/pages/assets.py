"""Static files, under the digest of the whole tree: `/static/<digest>/shopper/card.js` never changes and is kept for good.

Relative imports between modules stay inside the tree, so nothing is bundled and no import map is needed; what a module
imports is named in the page, so that a browser asks for all of it at once. Texts are packed once a process.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from pathlib import Path, PurePosixPath

from flask import Blueprint, Response, current_app, request

from app.foundation.http.answers import Whole
from app.foundation.problems import NotFound

STATIC = Path(__file__).parents[1] / "static"
PREFIX = "/static"
_KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".wasm": "application/wasm",
    ".png": "image/png",
}
"""What is served, by its ending; other files of the folder, such as licences, are not."""
_PACKED = frozenset({".css", ".js", ".svg", ".wasm"})
_OTHER_WAYS = "docs", "vendor/swagger-ui"
"""Files of the page of the contract, which come by `/docs`."""
_IMPORT = re.compile(r"""(?:^|[;\s])(?:import|from)\s*["'](\.{1,2}/[^"']+)["']""")
_FOR_GOOD = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class StaticFile:
    """A file as it is sent."""

    path: Path
    media_type: str

    @cached_property
    def content(self) -> bytes:
        """As it is."""
        return self.path.read_bytes()

    @cached_property
    def packed(self) -> bytes | None:
        """By gzip, where that is shorter."""
        if self.path.suffix not in _PACKED:
            return None
        packed = gzip.compress(self.content, 9, mtime=0)
        return packed if len(packed) < len(self.content) else None


@dataclass(frozen=True)
class Assets:
    """The files of a folder by their paths, as they were when the process began."""

    folder: Path
    files: dict[str, StaticFile] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path = STATIC) -> Assets:
        """All that may be served."""
        return cls(folder, {name: StaticFile(folder / name, _KINDS[Path(name).suffix]) for name in _names(folder)})

    @cached_property
    def digest(self) -> str:
        """What the tree is named by."""
        whole = blake2b(digest_size=6)
        for name, file in self.files.items():
            whole.update(f"{name}\0{len(file.content)}\0".encode() + file.content)
        return whole.hexdigest()

    def url(self, name: str) -> str:
        """The address of a file."""
        return f"{PREFIX}/{self.digest}/{name}"

    def imports(self, name: str) -> list[str]:
        """The modules that a module imports, and those that these import, each once."""
        found: dict[str, None] = {}
        waiting = [name]
        while waiting:
            at = waiting.pop(0)
            text = self.files[at].content.decode() if at in self.files else ""
            for there in _IMPORT.findall(text):
                path = _joined(PurePosixPath(at).parent, there)
                if path in self.files and path not in found:
                    found[path] = None
                    waiting.append(path)
        return list(found)


def _names(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix in _KINDS and not name.startswith(_OTHER_WAYS):
            yield name


def _joined(folder: PurePosixPath, there: str) -> str:
    parts = list(folder.parts)
    for part in there.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def assets() -> Assets:
    """Those of the application at hand."""
    found: Assets = current_app.extensions["quantong_assets"]
    return found


static_files = Blueprint("static_files", __name__, url_prefix=PREFIX)


@static_files.get("/<digest>/<path:name>")
def serve(digest: str, name: str) -> Response:
    """A file; kept for good under the digest of this tree, asked for again under that of another."""
    found = assets().files.get(name)
    if found is None:
        raise NotFound
    is_packed = found.packed is not None and "gzip" in request.headers.get("Accept-Encoding", "")
    content = found.packed if is_packed and found.packed is not None else found.content
    headers = {
        "Content-Type": found.media_type,
        "Content-Length": str(len(content)),
        "X-Content-Type-Options": "nosniff",
        "Vary": "Accept-Encoding",
        "Cache-Control": _FOR_GOOD if digest == assets().digest else "no-cache",
        **({"Content-Encoding": "gzip"} if is_packed else {}),
    }
    return Whole([content], 200, headers)

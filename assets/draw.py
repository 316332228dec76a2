"""Makes one picture of those icons of a package that pages use: `draw.py PACKAGE INTO <icons.txt`."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

LINES = 'fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"'


def symbol(package: Path, name: str) -> str:
    """An icon as a symbol of its name."""
    text = (package / "icons" / "outline" / f"{name}.svg").read_text(encoding="utf-8")
    drawn = re.sub(r"\s*\n\s*", "", text[text.index(">", text.index("<svg")) + 1 : text.index("</svg>")])
    drawn = drawn.replace('<path stroke="none" d="M0 0h24v24H0z" fill="none" />', "")
    return f'<symbol id="{name}" viewBox="0 0 24 24" {LINES}>{drawn}</symbol>'


def main(package: Path, into: Path) -> None:
    """Draws them, the package's licence beside."""
    into.mkdir(parents=True, exist_ok=True)
    names = sorted(set(sys.stdin.read().split()))
    drawn = "\n".join(symbol(package, name) for name in names)
    sprite = f'<svg xmlns="http://www.w3.org/2000/svg">\n{drawn}\n</svg>\n'
    (into / "icons.svg").write_text(sprite, encoding="utf-8")
    shutil.copy(package / "LICENSE", into)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

"""Codes as a file, piece by piece: one a line, under a heading. No code is what a spreadsheet takes for a formula."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal

from app.foundation.files.tables import CSV, as_csv
from app.foundation.files.workbooks import XLSX, as_xlsx

Format = Literal["csv", "xlsx"]
FORMATS: tuple[Format, ...] = ("csv", "xlsx")
MEDIA_TYPES: Mapping[Format, str] = {"csv": CSV, "xlsx": XLSX}
Pages = Iterable[list[str]]
"""Texts, some thousand at a time."""


def codes_as_csv(column: str, pages: Pages) -> Iterator[bytes]:
    """A file with a heading and a line for each text."""
    return as_csv(_rows(column, pages), is_marked=False)


def codes_as_xlsx(column: str, pages: Pages) -> Iterator[bytes]:
    """A workbook of one sheet."""
    return as_xlsx(_rows(column, pages))


WRITERS: Mapping[Format, Callable[[str, Pages], Iterator[bytes]]] = {"csv": codes_as_csv, "xlsx": codes_as_xlsx}


def _rows(column: str, pages: Pages) -> Iterator[list[str]]:
    yield [column]
    for page in pages:
        yield from ([text] for text in page)

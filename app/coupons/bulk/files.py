"""One column of texts as a file, piece by piece: CSV (RFC 4180), and XLSX (ECMA-376) of the fewest parts.

Cells of a sheet are inline strings, which no program takes for formulas; in CSV whoever gives the texts sees to that.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal
from xml.sax.saxutils import escape

Format = Literal["csv", "xlsx"]
FORMATS: tuple[Format, ...] = ("csv", "xlsx")
MEDIA_TYPES: Mapping[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPES}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
    '<sheets><sheet name="codes" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}
_WIDE = '<cols><col min="1" max="1" width="24" customWidth="1"/></cols>'
Pages = Iterable[list[str]]
"""Texts, some thousand at a time."""


def as_csv(column: str, pages: Pages) -> Iterator[bytes]:
    """A file with a heading and a line for each text; texts need no quotes."""
    yield f"{column}\r\n".encode()
    for page in pages:
        yield "".join(f"{text}\r\n" for text in page).encode()


def as_xlsx(column: str, pages: Pages) -> Iterator[bytes]:
    """A workbook of one sheet."""
    out = _Outflow()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in _PARTS.items():
            packed.writestr(_undated(name), _HEAD + text)
        with packed.open(_undated("xl/worksheets/sheet1.xml"), "w") as sheet:
            sheet.write(f'{_HEAD}<worksheet xmlns="{_MAIN}">{_WIDE}<sheetData>{_row(column)}'.encode())
            for page in pages:
                sheet.write("".join(map(_row, page)).encode())
                yield out.taken()
            sheet.write(b"</sheetData></worksheet>")
    yield out.taken()


WRITERS: Mapping[Format, Callable[[str, Pages], Iterator[bytes]]] = {"csv": as_csv, "xlsx": as_xlsx}


def _row(text: str) -> str:
    return f'<row><c t="inlineStr"><is><t>{escape(text)}</t></is></c></row>'


def _undated(name: str) -> zipfile.ZipInfo:
    """A part of the archive; that of one time is that of another."""
    part = zipfile.ZipInfo(name)
    part.compress_type = zipfile.ZIP_DEFLATED
    return part


class _Outflow(io.RawIOBase):
    """What is written here is taken away; nobody can go back in it."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._pieces.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        """What has come since the last time."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)

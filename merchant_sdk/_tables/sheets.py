"""Tables in XLSX files, which need `openpyxl`: the sheets of a book, and their rows as they are shown.

What openpyxl doesn't tell while it streams (merged and hidden cells, formulas without a value) is read beside it.
"""

from __future__ import annotations

import importlib
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time
from io import BytesIO
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import IO, Any
from xml.etree import ElementTree

from merchant_sdk._tables.cells import FOREIGN, Cell, Lost
from merchant_sdk._tables.texts import Row
from merchant_sdk._tables.words import RowError, TableError

STRICT = b"http://purl.oclc.org/ooxml/"
STYLES = "xl/styles.xml"
CHUNK_ROWS = 500
_SIGNS = re.compile(r'\[\$(?P<sign>[^\]-]+)(?:-(?P<place>[0-9A-Fa-f]+))?\]|"(?P<text>[^"]+)"')
YEN, JAPAN = ("¥", "￥"), "411"
"""A sign that isn't yuan's in the formats of Japan."""
_READ = (
    zipfile.BadZipFile,
    ElementTree.ParseError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    EOFError,
    OSError,
    zlib.error,
)
"""What openpyxl and the standard library raise for damaged books."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a book: its name, whether it is shown, and where it lies in the archive."""

    name: str
    is_hidden: bool
    part: str


@dataclass(slots=True)
class Shape:
    """What is hidden, merged or lost on a sheet, by rows and columns counted from 1."""

    hidden: set[int] = field(default_factory=set)
    lost: dict[int, set[int]] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)


def sheets_of(path: Path) -> list[Sheet]:
    """The sheets that hold cells, in their order. Raises TableError."""
    _openpyxl()
    try:
        with zipfile.ZipFile(path) as archive:
            book = next((name for name in archive.namelist() if name.endswith("xl/workbook.xml")), None)
            if book is None:
                raise TableError("is-archive")
            content = archive.read(book)
            if STRICT in content:
                raise TableError("is-strict")
            targets = _targets(archive, book)
            found = [
                Sheet(one.get("name", ""), one.get("state", "visible") != "visible", targets.get(_id_of(one), ""))
                for one in _parsed(content).iter()
                if _tag(one) == "sheet"
            ]
    except TableError:
        raise
    except _READ as error:
        raise TableError("no-book", why=_first_line(error)) from error
    if not found:
        raise TableError("no-sheets")
    return [sheet for sheet in found if "worksheet" in sheet.part] or found


def sheet_rows(path: Path, sheet: Sheet) -> Iterator[Row]:
    """The rows as they are shown; formulas give the value that was last worked out. Raises TableError."""
    reader = _openpyxl()
    shape = shape_of(path, sheet)
    try:
        with path.open("rb") as file:
            book = _loaded(reader, file)
            try:
                page = book[sheet.name]
                page.reset_dimensions()  # some programs write wrong ones
                for number, cells in enumerate(_in_peace(page.iter_rows()), start=1):
                    yield _row(number, [_value(cell) for cell in cells], shape)
            finally:
                book.close()
    except TableError:
        raise
    except _READ as error:
        raise TableError("no-book", why=_first_line(error)) from error


def shape_of(path: Path, sheet: Sheet) -> Shape:
    """What is hidden, merged or lost. Raises TableError for a sheet that is torn."""
    shape = Shape()
    try:
        with zipfile.ZipFile(path) as archive, archive.open(sheet.part) as file:
            _scan(file, shape)
    except _READ as error:
        raise TableError("no-book", why=_first_line(error)) from error
    return shape


def _in_peace(rows: Iterator[Any]) -> Iterator[Any]:
    """The rows, without openpyxl's warnings of cells that it can't make out; they are told as errors of the cell."""
    chunk = [None]
    while chunk:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            chunk = list(islice(rows, CHUNK_ROWS))
        yield from chunk


def _scan(file: IO[bytes], shape: Shape) -> None:
    row = column = 0
    for event, element in ElementTree.iterparse(file, events=("start", "end")):  # noqa: S314 - as in _parsed
        tag = _tag(element)
        if event == "start" and tag == "row":
            row, column = int(element.get("r") or row + 1), 0
            if element.get("hidden") in ("1", "true"):
                shape.hidden.add(row)
        elif event == "end" and tag == "c":
            column = _column(element.get("r", "")) or column + 1
            children = {_tag(child): child.text for child in element}
            if "f" in children and not children.get("v") and element.get("t") != "str":
                shape.lost.setdefault(row, set()).add(column)
        elif event == "end" and tag == "mergeCell":
            shape.merged.append(_area(element.get("ref", "")))
        elif event == "end" and tag == "row":
            element.clear()


def _row(number: int, cells: list[Cell], shape: Shape) -> Row:
    for column in shape.lost.get(number, ()):
        if column <= len(cells):
            cells[column - 1] = Lost("formula")
    for top, left, bottom, right in shape.merged:
        if top <= number <= bottom:
            cells.extend([None] * (right - len(cells)))
            for column in range(left, right + 1):
                if (number, column) != (top, left):
                    cells[column - 1] = Lost("merged")
    return Row(number, cells, RowError("hidden") if number in shape.hidden else None)


def _value(cell: Any) -> Cell:
    """A value; numbers that are shown with zeros before them as they are shown, days without a time as days."""
    value: Cell = cell.value
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float) and _is_other_money(cell.number_format):
        return Lost("other-money")
    if isinstance(value, int | float) and value == int(value):
        return _padded(int(value), cell.number_format)
    if isinstance(value, datetime) and value.time() == time():
        shows_time = re.search("[hs]", re.sub(r'"[^"]*"|\\.|\[\$[^\]]*\]', "", cell.number_format.lower()))
        return value if shows_time else value.date()
    return value


def _is_other_money(number_format: str) -> bool:
    """Whether a format shows amounts in money that isn't yuan; a bare "$" is what each system makes of it."""
    for found in _SIGNS.finditer(number_format):
        sign, place = (found["sign"] or found["text"] or "").strip().lower(), (found["place"] or "").lower().lstrip("0")
        if (sign in FOREIGN and found["text"] != "$") or (sign in YEN and place == JAPAN):
            return True
    return False


def _padded(value: int, number_format: str) -> Cell:
    """A number as formats like 000000, "A"0000 or 000-0000 show it; others don't change what is said."""
    form = re.sub(r"_.|\*.", "", number_format.partition(";")[0])
    bare = re.sub(r'"[^"]*"|\\.|[- /.]', "", form)
    if value < 0 or not re.fullmatch("0{2,}", bare) or re.search(r"0\.0", form):
        return value
    digits = str(value).rjust(len(bare), "0")
    shown, more = [], len(digits) - len(bare)
    for piece in re.findall(r'"[^"]*"|\\.|.', form):
        if piece == "0":
            shown.append(digits[: more + 1])
            digits, more = digits[more + 1 :], 0
        else:
            shown.append(piece.strip('"') if piece[0] == '"' else piece.removeprefix("\\"))
    return "".join(shown)


def _loaded(reader: Any, file: IO[bytes]) -> Any:
    """The book by its content, whatever the file is called; styles that openpyxl refuses are left out but for formats."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return reader.load_workbook(file, read_only=True, data_only=True)
        except _READ:
            file.seek(0)
            return reader.load_workbook(_with_plain_styles(file), read_only=True, data_only=True)


def _with_plain_styles(file: IO[bytes]) -> BytesIO:
    """The same book, its styles with nothing in them but how numbers are shown."""
    copy = BytesIO()
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(copy, "w") as target:
        for part in source.infolist():
            content = source.read(part)
            target.writestr(part, _plain_styles(content) if part.filename == STYLES else content)
    copy.seek(0)
    return copy


def _plain_styles(content: bytes) -> bytes:
    root = _parsed(content)
    space = root.tag.partition("}")[0] + "}" if root.tag.startswith("{") else ""
    plain = ElementTree.Element(f"{space}styleSheet")
    formats = root.find(f"{space}numFmts")
    if formats is not None:
        plain.append(formats)
    for name, inner in (("fonts", "font"), ("fills", "fill"), ("borders", "border")):
        ElementTree.SubElement(ElementTree.SubElement(plain, f"{space}{name}"), f"{space}{inner}")
    for fill in plain.iter(f"{space}fill"):
        ElementTree.SubElement(fill, f"{space}patternFill")
    ElementTree.SubElement(ElementTree.SubElement(plain, f"{space}cellStyleXfs"), f"{space}xf")
    cells = ElementTree.SubElement(plain, f"{space}cellXfs")
    for xf in root.iterfind(f"{space}cellXfs/{space}xf"):
        ElementTree.SubElement(cells, f"{space}xf", {"numFmtId": xf.get("numFmtId", "0")})
    return ElementTree.tostring(plain)


def _targets(archive: zipfile.ZipFile, book: str) -> dict[str, str]:
    """Where the parts of a book lie, by the ids of their relations."""
    folder = PurePosixPath(book).parent
    root = _parsed(archive.read(f"{folder}/_rels/{PurePosixPath(book).name}.rels"))
    paths = {one.get("Id", ""): one.get("Target", "") for one in root}
    return {
        name: target.lstrip("/") if target.startswith("/") else f"{folder}/{target}" for name, target in paths.items()
    }


def _parsed(content: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(content)  # noqa: S314 - a file of one's own; expat limits what entities may grow to


def _openpyxl() -> Any:
    try:
        return importlib.import_module("openpyxl")
    except ImportError:
        raise TableError("no-openpyxl") from None


def _id_of(sheet: ElementTree.Element) -> str:
    return next((value for name, value in sheet.items() if name.endswith("}id")), "")


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _column(reference: str) -> int:
    number = 0
    for letter in reference.rstrip("0123456789"):
        number = number * 26 + ord(letter) - 64
    return number


def _area(reference: str) -> tuple[int, int, int, int]:
    first, _, last = reference.partition(":")
    ends = [(int(re.sub("[A-Z]", "", one)), _column(one)) for one in (first, last or first)]
    return (*ends[0], *ends[1])


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [""])[0] or type(error).__name__

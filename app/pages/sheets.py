"""Sheets to print: rectangles and lines of text, written as SVG or as PDF (ISO 32000-1). Measures in millimetres from the
upper left corner.

A PDF brings no Chinese font along, which would be megabytes: it names Adobe's standard one (Adobe-GB1), in whose place each
reader takes its own. Widths are those of that character collection, so that lines stand in the middle everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

POINTS_PER_MM = 72 / 25.4
_ROUND = 0.5523
"""How far the handles of a Bézier curve reach that looks like a quarter of a circle."""
_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""Before a text outside of a page, which says that it is Unicode."""
_FONTS = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif'


@dataclass(frozen=True, slots=True)
class PrintedBox:
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    colour: str
    radius: float = 0.0


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """A line of text around a middle, on its baseline."""

    middle: float
    y: float
    size: float
    text: str
    colour: str
    is_bold: bool = False


@dataclass(slots=True)
class Sheet:
    """What is printed on one side."""

    width: float
    height: float
    title: str
    marks: list[PrintedBox | PrintedLine] = field(default_factory=list)

    def as_svg(self) -> bytes:
        """A picture that any program for drawing opens."""
        size = f'width="{self.width}mm" height="{self.height}mm" viewBox="0 0 {self.width} {self.height}"'
        drawn = "\n".join(_svg_of(one) for one in self.marks)
        title = f"<title>{escape(self.title)}</title>"
        return f"<svg xmlns=\"http://www.w3.org/2000/svg\" {size} font-family='{_FONTS}'>{title}\n{drawn}\n</svg>\n".encode()

    def as_pdf(self) -> bytes:
        """One page in the sheet's size."""
        content = "\n".join(self._pdf_marks()).encode("ascii")
        box = f"[0 0 {_n(self.width * POINTS_PER_MM)} {_n(self.height * POINTS_PER_MM)}]"
        return _file_of(
            [
                b"<< /Type /Catalog /Pages 2 0 R >>",
                b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
                f"<< /Type /Page /Parent 2 0 R /MediaBox {box} /Contents 4 0 R "
                "/Resources << /Font << /F 5 0 R >> >> >>".encode(),
                b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
                b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light-UniGB-UTF16-H /Encoding /UniGB-UTF16-H "
                b"/DescendantFonts [6 0 R] >>",
                b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) "
                b"/Ordering (GB1) /Supplement 4 >> /DW 1000 /W [1 95 500] /FontDescriptor 7 0 R >>",
                b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] "
                b"/ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>",
                f"<< /Title {_hex(_MARK + self.title)} >>".encode(),
            ]
        )

    def _pdf_marks(self) -> Iterator[str]:
        yield f"{_n(POINTS_PER_MM)} 0 0 {_n(POINTS_PER_MM)} 0 0 cm"
        for one in self.marks:
            yield _box_in_pdf(one, self.height) if isinstance(one, PrintedBox) else _line_in_pdf(one, self.height)


def _svg_of(one: PrintedBox | PrintedLine) -> str:
    if isinstance(one, PrintedBox):
        corners = f' rx="{_n(one.radius)}"' if one.radius else ' shape-rendering="crispEdges"'
        where = f'x="{_n(one.x)}" y="{_n(one.y)}" width="{_n(one.width)}" height="{_n(one.height)}"'
        return f'<rect {where}{corners} fill="{one.colour}"/>'
    weight = ' font-weight="600"' if one.is_bold else ""
    where = f'x="{_n(one.middle)}" y="{_n(one.y)}" font-size="{_n(one.size)}" text-anchor="middle"'
    return f'<text {where}{weight} fill="{one.colour}">{escape(one.text)}</text>'


def _box_in_pdf(box: PrintedBox, height: float) -> str:
    left, right, top, bottom = box.x, box.x + box.width, height - box.y, height - box.y - box.height
    if not box.radius:
        return f"{_colour(box.colour)} rg {_n(left)} {_n(bottom)} {_n(box.width)} {_n(box.height)} re f"
    r, k = box.radius, box.radius * (1 - _ROUND)
    path = [
        f"{_n(left + r)} {_n(bottom)} m {_n(right - r)} {_n(bottom)} l",
        _curve(right - k, bottom, right, bottom + k, right, bottom + r) + f" {_n(right)} {_n(top - r)} l",
        _curve(right, top - k, right - k, top, right - r, top) + f" {_n(left + r)} {_n(top)} l",
        _curve(left + k, top, left, top - k, left, top - r) + f" {_n(left)} {_n(bottom + r)} l",
        _curve(left, bottom + k, left + k, bottom, left + r, bottom),
    ]
    return f"{_colour(box.colour)} rg {' '.join(path)} f"


def _curve(*numbers: float) -> str:
    return " ".join(map(_n, numbers)) + " c"


def _line_in_pdf(line: PrintedLine, height: float) -> str:
    """Bold letters are those of the one font, with an outline."""
    colour, start = _colour(line.colour), line.middle - width_of(line.text) * line.size / 2
    stroke = f"{colour} RG {_n(line.size * 0.03)} w 2 Tr" if line.is_bold else "0 Tr"
    return f"BT {colour} rg {stroke} /F {_n(line.size)} Tf {_n(start)} {_n(height - line.y)} Td {_hex(line.text)} Tj ET"


def width_of(text: str) -> float:
    """How wide a text is, in sizes of its letters."""
    return sum(0.5 if " " <= one <= "~" else 1.0 for one in text)


def _colour(colour: str) -> str:
    return " ".join(_n(part / 255) for part in bytes.fromhex(colour[1:]))


def _hex(text: str) -> str:
    return f"<{text.encode('utf-16-be').hex()}>"


def _n(number: float) -> str:
    """A number as both forms write it: no exponent, no more figures than a printer sees."""
    return f"{number:.4f}".rstrip("0").rstrip(".")


def _file_of(objects: Sequence[bytes]) -> bytes:
    """Objects one after another, the table of where each begins, and where that begins; the last is about the file."""
    written, places = b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    return written + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (count, table, count, len(objects), len(written))
    )

"""A statement on paper (PDF): its figures, its lines, and the hash of its period. Pure; the same statement gives the same bytes.

Chinese stands in Adobe's standard font, in whose place each reader takes its own, as on posters (0057).
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table

from app.foundation.i18n import Words, said
from app.foundation.i18n import words as _l
from app.settlement.evidence.names import LINES

FONT = "STSong-Light"
FIGURES: Mapping[str, Words] = {
    "opening": _l("Opening balance"),
    "net_position": _l("Net of the period"),
    "payments": _l("Payments"),
    "closing": _l("Closing balance"),
    "held": _l("Held back"),
    "payable": _l("To be paid"),
    "to_invoice": _l("To be invoiced by it"),
    "to_be_invoiced": _l("To be invoiced to it"),
}
_HEADINGS = (_l("Line"), _l("What"), _l("Points"), _l("Price, fen"), _l("Entries"), _l("Amount"))
GETA = "〓"
"""What printers set for a character that they haven't got; the font has none beyond the first plane."""
_BEYOND = re.compile("[\U00010000-\U0010ffff]")
_SOFT, _RULE = HexColor("#666666"), HexColor("#999999")
registerFont(UnicodeCIDFont(FONT))


class PaperStatement(NamedTuple):
    """What is printed: the statement as the API shows it, names, days, and the period's hash."""

    statement: Mapping[str, Any]
    district: str
    party: str
    starts_on: str
    ends_on: str
    hash: str


def as_pdf(paper: PaperStatement) -> bytes:
    """One file, of as many pages as its lines need, in the language of who asks."""
    out = io.BytesIO()
    title = f"{said(_l('Statement'))} {paper.starts_on} – {paper.ends_on}"
    document = SimpleDocTemplate(
        out, pagesize=A4, invariant=1, title=title, author=paper.district, leftMargin=18 * mm, rightMargin=18 * mm
    )
    document.build(
        [
            _text(paper.district, 10, _SOFT),
            _text(title, 16),
            _text(paper.party, 12),
            Spacer(0, 6 * mm),
            _table(_figures(paper.statement), (60 * mm, 40 * mm)),
            Spacer(0, 6 * mm),
            _table(_lines(paper.statement), (12 * mm, 62 * mm, 26 * mm, 24 * mm, 20 * mm, 30 * mm), repeatRows=1),
            Spacer(0, 6 * mm),
            _text(paper.statement["id"], 8, _SOFT),
            _text(f"SHA-256 {paper.hash}", 8, _SOFT),
        ]
    )
    return out.getvalue()


def _figures(statement: Mapping[str, Any]) -> list[list[str]]:
    return [[said(words), yuan(statement[name])] for name, words in FIGURES.items()]


def _lines(statement: Mapping[str, Any]) -> list[list[str]]:
    rows = [[said(one) for one in _HEADINGS]]
    for line in statement["lines"]:
        kind = LINES.get(line["kind"])
        points = "" if line["price"] is None else f"{line['points']:,}"
        what = line["kind"] if kind is None else said(kind)
        rows.append([str(line["line"]), what, points, line["price"] or "", f"{line['items']:,}", yuan(line["amount"])])
    return rows


def yuan(fen: int) -> str:
    """A sum in yuan."""
    return f"{Decimal(fen).scaleb(-2):,.2f}"


def _text(text: str, size: int, colour: HexColor | None = None) -> Paragraph:
    style = ParagraphStyle("", fontName=FONT, fontSize=size, leading=size * 1.5, wordWrap="CJK")
    if colour is not None:
        style.textColor = colour
    return Paragraph(escape(_BEYOND.sub(GETA, text)), style)


def _table(rows: list[list[str]], widths: Sequence[float], **more: Any) -> Table:
    style = [
        ("FONTNAME", (0, 0), (-1, -1), FONT),
        ("FONTSIZE", (0, 0), (-1, -1), 9),
        ("LINEBELOW", (0, 0), (-1, -1), 0.3, _RULE),
        ("ALIGN", (-1, 0), (-1, -1), "RIGHT"),
    ]
    return Table(rows, colWidths=widths, style=style, hAlign="LEFT", **more)

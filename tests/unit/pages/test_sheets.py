"""Sheets to print, as SVG and as PDF: both hold the same, and any program finds its way through the file."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from app.pages.sheets import POINTS_PER_MM, PrintedBox, PrintedLine, Sheet, width_of

SHEET = Sheet(
    210,
    297,
    "湖滨 & 东街",
    [
        PrintedBox(0, 0, 210, 297, "#0c6a52"),
        PrintedBox(10, 20, 30, 40, "#ffffff", 5),
        PrintedLine(105, 50, 10, "扫一扫 A<1>", "#ffffff", True),
    ],
)


def test_a_picture_is_drawn_in_millimetres() -> None:
    root = ElementTree.fromstring(SHEET.as_svg())
    assert (root.get("width"), root.get("viewBox")) == ("210mm", "0 0 210 297")
    drawn = [(one.tag.rpartition("}")[2], one.get("x"), one.get("y"), one.text) for one in root]
    assert drawn == [
        ("title", None, None, "湖滨 & 东街"),
        ("rect", "0", "0", None),
        ("rect", "10", "20", None),
        ("text", "105", "50", "扫一扫 A<1>"),
    ]


def test_a_file_for_printers_says_where_each_of_its_objects_is() -> None:
    written = SHEET.as_pdf()
    assert written.startswith(b"%PDF-1.5")
    assert written.endswith(b"%%EOF\n")
    [begin] = re.findall(rb"startxref\n(\d+)\n", written)
    table = written[int(begin) :]
    places = [int(one) for one in re.findall(rb"(\d{10}) 00000 n ", table)]
    assert places
    for number, place in enumerate(places, 1):
        assert written[place:].startswith(b"%d 0 obj" % number)
    assert b"/Size %d " % (len(places) + 1) in table
    [length] = re.findall(rb"/Length (\d+) >>\nstream\n", written)
    [content] = re.findall(rb"stream\n(.*)\nendstream", written, re.DOTALL)
    assert len(content) == int(length)


def test_a_page_has_the_size_of_its_sheet_and_lines_around_their_middle() -> None:
    written = SHEET.as_pdf()
    [(width, height)] = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", written)
    assert (round(float(width)), round(float(height))) == (595, 842)
    [(start, up, text)] = re.findall(rb"([\d.]+) ([\d.]+) Td <([0-9a-f]+)> Tj", written)
    assert bytes.fromhex(text.decode()).decode("utf-16-be") == "扫一扫 A<1>"
    assert float(start) == 105 - 10 * width_of("扫一扫 A<1>") / 2
    assert float(up) == 297 - 50
    assert f"{POINTS_PER_MM:.4f} 0 0".encode() in written


def test_chinese_signs_are_twice_as_wide_as_latin_ones() -> None:
    assert (width_of("扫一扫"), width_of("abc"), width_of("")) == (3, 1.5, 0)

"""Posters as they are drawn: in the district's colour, with a code that is read and leads to where one joins."""

from __future__ import annotations

import pytest
import zxingcpp
from flask import Flask
from PIL import Image, ImageDraw

from app.console.registers.posters import SIZES, drawn
from app.pages.sheets import PrintedBox, PrintedLine, width_of

LINK = f"https://quantong.example/s/hubin/join/str_{'1' * 32}"
DOTS_PER_MM = 4


@pytest.mark.parametrize("size", SIZES)
def test_a_poster_leads_to_its_shop(app: Flask, size: str) -> None:
    with app.test_request_context():
        sheet = drawn(size, "湖滨步行街", "一品茶楼 · 东街店", LINK, "#a2171f")
    picture = Image.new("RGB", (round(sheet.width * DOTS_PER_MM), round(sheet.height * DOTS_PER_MM)))
    pen = ImageDraw.Draw(picture)
    boxes = [one for one in sheet.marks if isinstance(one, PrintedBox)]
    for one in boxes:
        corners = (one.x, one.y, one.x + one.width, one.y + one.height)
        pen.rectangle([side * DOTS_PER_MM for side in corners], fill=one.colour)
    [code] = zxingcpp.read_barcodes(picture)
    assert code.text == LINK
    assert boxes[0] == PrintedBox(0, 0, *SIZES[size], "#a2171f")


@pytest.mark.parametrize("size", SIZES)
def test_long_names_stay_on_the_sheet(app: Flask, size: str) -> None:
    with app.test_request_context():
        sheet = drawn(size, "很" * 100, "很" * 200, LINK, "#0c6a52")
    lines = [one for one in sheet.marks if isinstance(one, PrintedLine)]
    assert len(lines) == 5
    assert all(width_of(one.text) * one.size <= sheet.width * 0.9 + 0.001 for one in lines)

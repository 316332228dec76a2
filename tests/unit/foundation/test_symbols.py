"""QR codes and Code 128, read back by a reader that isn't ours."""

from __future__ import annotations

import io
import re
from xml.etree import ElementTree

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from app.foundation.symbols import FORMATS, Format, Picture, code128, qr

CODE = "880000012345492039"
LINK = "https://points.example.com/s/hubin/join/str_0193f2a1c0de7b5c9a4e2d6f81b3c507"
SCALE = 10


def pixels(picture: Picture) -> Image.Image:
    """What a scanner sees."""
    if picture.media_type == "image/png":
        return Image.open(io.BytesIO(picture.content))
    root = ElementTree.fromstring(picture.content)
    path = root.find("{*}path")
    return _of_path(root, path.get("d", "")) if path is not None else _of_bars(root)


def _of_path(root: ElementTree.Element, path: str) -> Image.Image:
    """A QR code's path is squares: `M4,4H5V5H4z`."""
    side = int(root.get("viewBox", "").split()[-1])
    image = Image.new("L", (side * SCALE, side * SCALE), 255)
    for x, y, right, bottom in re.findall(r"M(\d+),(\d+)H(\d+)V(\d+)H\d+z", path):
        ImageDraw.Draw(image).rectangle(
            (int(x) * SCALE, int(y) * SCALE, int(right) * SCALE - 1, int(bottom) * SCALE - 1), fill=0
        )
    return image


def _of_bars(root: ElementTree.Element) -> Image.Image:
    image = Image.new("L", (_dots(root.get("width")), _dots(root.get("height"))), 255)
    for bar in root.findall(".//{*}rect[@x]"):
        x, y = _dots(bar.get("x")), _dots(bar.get("y"))
        right, bottom = x + _dots(bar.get("width")) - 1, y + _dots(bar.get("height")) - 1
        ImageDraw.Draw(image).rectangle((x, y, right, bottom), fill=0)
    return image


def _dots(length: str | None) -> int:
    return round(float((length or "").removesuffix("mm")) / 0.33 * SCALE)


def read(picture: Picture) -> tuple[str, str]:
    [found] = zxingcpp.read_barcodes(pixels(picture))
    return found.format.name, found.text


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("text", [CODE, LINK, "湖滨步行街"])
def test_a_qr_code_is_read_as_it_was_meant(kind: Format, text: str) -> None:
    assert read(qr(text, kind)) == ("QRCode", text)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("digits", [CODE, "880000000000000000", "889999999999999999"])
def test_a_code_128_is_read_as_it_was_meant(kind: Format, digits: str) -> None:
    assert read(code128(digits, kind)) == ("Code128", digits)


def test_eighteen_digits_take_nine_symbols() -> None:
    """Start, nine pairs, check and stop: 11 modules each, 13 for the last; narrow enough for a phone."""
    image = pixels(code128(CODE, "svg"))
    assert round(image.width / SCALE) == 11 * 11 + 13 + 20


def test_a_picture_needs_nothing_from_elsewhere() -> None:
    for picture in (qr(CODE, "svg"), code128(CODE, "svg")):
        text = picture.content.decode()
        assert "href" not in text
        assert "<script" not in text
        assert CODE not in text

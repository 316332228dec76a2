"""QR codes (ISO/IEC 18004) and Code 128 (ISO/IEC 15417) as pictures: black on white, with the quiet zone around them."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Literal

import qrcode
from barcode import Code128
from barcode.writer import ImageWriter, SVGWriter
from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.pil import PilImage
from qrcode.image.svg import SvgPathFillImage

Format = Literal["svg", "png"]
MEDIA_TYPES: dict[Format, str] = {"svg": "image/svg+xml", "png": "image/png"}
FORMATS: tuple[Format, ...] = ("svg", "png")
DOTS_PER_MODULE = 10
MODULE_MM = 0.33
"""The width of the thinnest bar of a Code 128: what cheap scanners read from paper and glass."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An image as it is sent."""

    content: bytes
    media_type: str


def qr_modules(text: str) -> list[list[bool]]:
    """The same as rows of dark and light modules, without the quiet zone."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0)
    code.add_data(text)
    modules: list[list[bool]] = code.get_matrix()
    return modules


def qr(text: str, kind: Format) -> Picture:
    """A QR code that is still read with 15% of it torn or dirty."""
    code = qrcode.QRCode(
        error_correction=ERROR_CORRECT_M,
        box_size=DOTS_PER_MODULE,
        image_factory=SvgPathFillImage if kind == "svg" else PilImage,
    )
    code.add_data(text)
    content = io.BytesIO()
    image = code.make_image()
    if kind == "svg":
        image.save(content)
    else:
        image.save(content, format="PNG")
    return Picture(content.getvalue(), MEDIA_TYPES[kind])


def code128(digits: str, kind: Format) -> Picture:
    """A Code 128 of digits, two in a symbol where they pair."""
    writer = SVGWriter() if kind == "svg" else ImageWriter(format="PNG")
    content = io.BytesIO()
    quiet_zone = 10 * MODULE_MM
    Code128(digits, writer=writer).write(
        content, {"write_text": False, "module_width": MODULE_MM, "quiet_zone": quiet_zone}
    )
    return Picture(content.getvalue(), MEDIA_TYPES[kind])

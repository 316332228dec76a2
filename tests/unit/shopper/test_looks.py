"""Icons are made in the sizes that phones want."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from app.shopper.looks import drawn_icon


@pytest.mark.parametrize(("name", "size"), [("180", 180), ("192", 192), ("512", 512), ("maskable", 512)])
def test_an_icon_has_its_size_and_nothing_at_its_corners(name: str, size: int) -> None:
    image = Image.open(io.BytesIO(drawn_icon(name, "#0c6a52")))
    assert image.size == (size, size)
    assert image.getpixel((0, 0)) == image.getpixel((size - 1, size - 1)) == (0x0C, 0x6A, 0x52)
    assert (255, 255, 255) in {image.getpixel((x, size // 2)) for x in range(size)}


def test_a_maskable_one_keeps_to_the_circle_that_is_never_cut() -> None:
    image, size = Image.open(io.BytesIO(drawn_icon("maskable", "#0c6a52"))), 512
    outside = (
        image.getpixel((x, y))
        for x in range(0, size, 7)
        for y in range(0, size, 7)
        if (x - 256) ** 2 + (y - 256) ** 2 > (0.4 * size) ** 2
    )
    assert set(outside) == {(0x0C, 0x6A, 0x52)}

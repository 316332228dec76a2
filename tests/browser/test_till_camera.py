"""The till's camera reads a painted QR code and a Code 128, from a film that Chromium takes for a camera."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from app.foundation import symbols
from tests.browser.conftest import FLAGS, PATIENCE_MS, program
from tests.factories.codes import new_phone_of
from tests.factories.districts import District
from tests.factories.pages import Watched
from tests.factories.till_pages import paired_page

pytestmark = pytest.mark.usefixtures("context")
WIDTH, HEIGHT = 1280, 720


def film(path: Path, picture: bytes) -> None:
    """A film of one still picture, in YUV4MPEG2: grey values, and no colours."""
    code = Image.open(io.BytesIO(picture)).convert("L")
    scale = min(WIDTH * 0.8 / code.width, HEIGHT * 0.8 / code.height)
    code = code.resize((int(code.width * scale), int(code.height * scale)))
    scene = Image.new("L", (WIDTH, HEIGHT), 230)
    scene.paste(code, ((WIDTH - code.width) // 2, (HEIGHT - code.height) // 2))
    frame = b"FRAME\n" + scene.tobytes() + b"\x80" * (WIDTH * HEIGHT // 2)
    path.write_bytes(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode() + 3 * frame)


@pytest.mark.parametrize("draw", [symbols.qr, symbols.code128], ids=["QR", "Code 128"])
def test_the_camera_reads_a_member_code(
    chromium: Browser, draw: object, shop: District, address: str, tmp_path: Path
) -> None:
    phone = new_phone_of(shop, name="林晓语")
    film(tmp_path / "code.y4m", draw(phone.code(), "png").content)  # type: ignore[operator]
    camera = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={tmp_path / 'code.y4m'}",
    ]
    with chromium.browser_type.launch(executable_path=program(), args=[*FLAGS, *camera]) as browser:
        page = browser.new_context(base_url=address, permissions=["camera"]).new_page()
        page.set_default_timeout(PATIENCE_MS)
        watched = Watched(page)
        paired_page(page, shop)
        page.locator("#camera").click()
        expect(page.locator("#member-name")).to_have_text("林**")
        expect(page.locator("#camera-panel")).to_be_hidden()
        assert watched.asked <= {address}
        assert watched.complaints == []

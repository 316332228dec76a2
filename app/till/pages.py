"""`/till`: one page that a browser keeps, so that it opens without network; nothing personal stands in it."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson
from flask_babel import gettext as _
from PIL import Image, ImageDraw

from app.foundation.problems import NotFound
from app.foundation.tenancy import NOBODY, OPERATOR_DISTRICT, Principal
from app.pages import formats
from app.pages.assets import assets
from app.pages.doors import Door, Visit
from app.pages.outcomes import File, WebPage
from app.till.words import spoken

SIZES = (180, 192, 512)
PINE, WHITE = "#0c6a52", "#ffffff"
KEPT = ("pages/", "till/", "vendor/icons/", "vendor/figures/", "vendor/lean-qr/", "vendor/zxing/")
"""Files that a till keeps, to open without network."""


def _anybody(_path: Mapping[str, str]) -> Principal:
    return Principal("visitor", f"vis_{NOBODY}", OPERATOR_DISTRICT)


door = Door(
    "till",
    __name__,
    url_prefix="/till",
    caller=_anybody,
    frame=lambda uow, visit: {},
    reads_codes=True,
)


@door.page("", signed_in=False, own_transaction=True)
def till(visit: Visit) -> WebPage:
    """The page; which till it is, and who opens it, it learns from `/v1/till`."""
    keys = ("7", "8", "9", "back", "4", "5", "6", "clear", "1", "2", "3", "plus", "0", "00", ".")
    return WebPage(
        "till/till.html",
        {"words": spoken(), "door": "till", "keys": keys},
        headers={"Cache-Control": "no-cache"},
    )


@door.data("/sw.js", signed_in=False, own_transaction=True)
def service_worker(visit: Visit) -> File:
    """What opens the page without network; new where any file of it is."""
    found = assets()
    files = [found.url(name) for name in found.files if name.startswith(KEPT)]
    head = f"const DIGEST = {orjson.dumps(found.digest).decode()}, FILES = {orjson.dumps(files).decode()};\n"
    text = head.encode() + (found.folder / "till" / "worker.js").read_bytes()
    return File(text, "text/javascript", headers={"Cache-Control": "no-cache", "Service-Worker-Allowed": "/till"})


@door.data("/manifest.webmanifest", signed_in=False, own_transaction=True)
def manifest(visit: Visit) -> File:
    """What lets a browser install the till."""
    icons: list[dict[str, Any]] = [
        {"src": f"/till/icon-{size}.png", "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for size in SIZES[1:]
        for purpose in ("any", "maskable")
    ]
    text = orjson.dumps(
        {
            "name": _("Quantong till"),
            "short_name": _("Till"),
            "id": "/till",
            "start_url": "/till",
            "scope": "/till",
            "display": "standalone",
            "background_color": "#eceee9",
            "theme_color": "#16231e",
            "lang": "zh-CN" if formats.language() == "zh" else "en",
            "icons": icons,
        }
    )
    return File(text, "application/manifest+json", headers={"Cache-Control": "no-cache"})


@door.data("/icon-<int:size>.png", signed_in=False, own_transaction=True)
def icon(visit: Visit, size: int) -> File:
    """The icon of the till on a screen."""
    if size not in SIZES:
        raise NotFound
    return File(_drawn(size), "image/png", headers={"Cache-Control": "public, max-age=86400"})


@lru_cache(maxsize=len(SIZES))
def _drawn(size: int) -> bytes:
    """Two rings that meet, on pine, with room around them for masks."""
    scale = 4
    side = size * scale
    picture = Image.new("RGB", (side, side), PINE)
    draw = ImageDraw.Draw(picture)
    radius, width = side * 0.17, round(side * 0.055)
    for middle in (0.41, 0.59):
        x, y = side * middle, side * 0.5
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=WHITE, width=width)
    content = io.BytesIO()
    picture.resize((size, size), Image.Resampling.LANCZOS).save(content, format="PNG", optimize=True)
    return content.getvalue()

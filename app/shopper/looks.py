"""How a district looks: its colours, its icons, and what an installed card is called."""

from __future__ import annotations

import io
from functools import lru_cache

import orjson
from PIL import Image, ImageDraw

from app.districts import queries as districts
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.problems import NotFound
from app.pages.doors import Visit
from app.pages.outcomes import File, Handed
from app.shopper.door import home, shopper

_KEPT = {"Cache-Control": "public, max-age=3600"}
_BRAND, _DEEP, _TINT, _PAPER = "#0c6a52", "#094f3e", "#e5f1ec", "#f6f5f1"
"""Pine, in which white stands out by 6.5 to 1. All districts have it until one can choose: then here, for styles and icons."""
_SIZES = {"192": 0.62, "512": 0.62, "180": 0.62, "maskable": 0.5}
"""Icons by name, and how much of each its rings take: a maskable one is cut to any shape."""
_SMOOTH = 4


@shopper.data("/manifest.webmanifest", signed_in=False)
def manifest(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """What a phone needs to keep the card among its programs; its scope ends with `/`, or it would cover other slugs."""
    name, root = districts.district(uow).name, f"{home(visit.path)}/"
    icons = [
        {"src": f"{root}icon-{one}.png", "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for one, size, purpose in (("192", 192, "any"), ("512", 512, "any"), ("maskable", 512, "maskable"))
    ]
    body = {
        "id": root,
        "name": name,
        "short_name": name[:8],
        "start_url": root,
        "scope": root,
        "display": "standalone",
        "background_color": _PAPER,
        "theme_color": _BRAND,
        "icons": icons,
    }
    return File(orjson.dumps(body), "application/manifest+json", headers=_KEPT)


@shopper.data("/theme.css", signed_in=False)
def theme(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """The district's colours, over those of `tokens.css`."""
    colours = f":root {{ --brand: {_BRAND}; --brand-deep: {_DEEP}; --brand-tint: {_TINT}; }}"
    return File(f"@layer tokens {{ {colours} }}\n".encode(), "text/css; charset=utf-8", headers=_KEPT)


@shopper.data("/icon-<name>.png", signed_in=False)
def icon(uow: UnitOfWork, visit: Visit, name: str, **_: str) -> Handed:
    """An icon."""
    if name not in _SIZES:
        raise NotFound
    return File(drawn_icon(name), "image/png", headers=_KEPT)


@lru_cache(maxsize=16)
def drawn_icon(name: str) -> bytes:
    """Two rings that meet, white on the brand's colour, drawn large and made smaller so that they are smooth."""
    size = int(name) if name.isdecimal() else 512
    whole = size * _SMOOTH
    image = Image.new("RGB", (whole, whole), _BRAND)
    draw = ImageDraw.Draw(image)
    span = whole * _SIZES[name]
    ring, line = span * 0.65, round(span * 0.13)
    top = (whole - ring) / 2
    for left in ((whole - span) / 2, (whole + span) / 2 - ring):
        draw.ellipse((left, top, left + ring, top + ring), outline="white", width=line)
    content = io.BytesIO()
    image.resize((size, size), Image.Resampling.LANCZOS).save(content, "PNG", optimize=True)
    return content.getvalue()

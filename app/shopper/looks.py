"""How a district looks: its colours, its icons, and what an installed card is called."""

from __future__ import annotations

import io
from functools import lru_cache

import orjson
from PIL import Image, ImageDraw

from app.districts import queries as districts
from app.districts.colours import PAPER, PINE, mixed
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.problems import NotFound
from app.pages.assets import STATIC
from app.pages.doors import Visit
from app.pages.outcomes import File, Handed
from app.shopper.door import home, shopper

_KEPT = {"Cache-Control": "public, max-age=3600"}
_SIZES = {"192": 0.62, "512": 0.62, "180": 0.62, "maskable": 0.5}
"""Icons by name, and how much of each its rings take: a maskable one is cut to any shape."""
_SMOOTH = 4


@shopper.data("/manifest.webmanifest", signed_in=False)
def manifest(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """What a phone needs to keep the card among its programs; its scope ends with `/`, or it would cover other slugs."""
    district, root = districts.district(uow), f"{home(visit.path)}/"
    name = district.name
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
        "background_color": PAPER,
        "theme_color": district.brand_color or PINE,
        "icons": icons,
    }
    return File(orjson.dumps(body), "application/manifest+json", headers=_KEPT)


@shopper.data("/theme.css", signed_in=False)
def theme(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """The district's colours, over those of `tokens.css`."""
    brand = districts.district(uow).brand_color
    colours = f":root {{ {colours_of(brand)} }}" if brand else ""
    return File(f"@layer tokens {{ {colours} }}\n".encode(), "text/css; charset=utf-8", headers=_KEPT)


def colours_of(brand: str) -> str:
    """The tokens that go with a colour."""
    deep, tint = mixed(brand, "#000000", 25), mixed(brand, "#ffffff", 90)
    return f"--brand: {brand}; --brand-deep: {deep}; --brand-tint: {tint}; --on-brand-soft: #fff; --ok: {brand};"


@shopper.data("/mark.svg", signed_in=False)
def mark(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """Two rings that meet, in the district's colour."""
    drawn = (STATIC / "pages" / "mark.svg").read_text(encoding="utf-8")
    return File(
        drawn.replace(PINE, districts.district(uow).brand_color or PINE).encode(), "image/svg+xml", headers=_KEPT
    )


@shopper.data("/icon-<name>.png", signed_in=False)
def icon(uow: UnitOfWork, visit: Visit, name: str, **_: str) -> Handed:
    """An icon."""
    if name not in _SIZES:
        raise NotFound
    return File(drawn_icon(name, districts.district(uow).brand_color or PINE), "image/png", headers=_KEPT)


@lru_cache(maxsize=64)
def drawn_icon(name: str, colour: str) -> bytes:
    """Two rings that meet, white on a colour, drawn large and made smaller so that they are smooth."""
    size = int(name) if name.isdecimal() else 512
    whole = size * _SMOOTH
    image = Image.new("RGB", (whole, whole), colour)
    draw = ImageDraw.Draw(image)
    span = whole * _SIZES[name]
    ring, line = span * 0.65, round(span * 0.13)
    top = (whole - ring) / 2
    for left in ((whole - span) / 2, (whole + span) / 2 - ring):
        draw.ellipse((left, top, left + ring, top + ring), outline="white", width=line)
    content = io.BytesIO()
    image.resize((size, size), Image.Resampling.LANCZOS).save(content, "PNG", optimize=True)
    return content.getvalue()

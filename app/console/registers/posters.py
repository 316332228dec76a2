"""Posters of stores as files: an A4 sheet and a card for the table, in the district's colours, with the code to join by.

The page that prints them from a browser is the shopper's `/s/<slug>/poster`.
"""

from __future__ import annotations

from app.console.door import console, must
from app.districts import queries
from app.districts.colours import PINE
from app.districts.rules import join_link
from app.foundation import symbols
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import said
from app.foundation.i18n import words as _l
from app.foundation.problems import NotFound
from app.foundation.runtime import runtime
from app.pages.doors import Visit
from app.pages.outcomes import File, Handed
from app.pages.sheets import PrintedBox, PrintedLine, Sheet, width_of

SIZES = {"a4": (210.0, 297.0), "card": (105.0, 148.5)}
"""Width and height in millimetres; both have one form."""
_MEDIA = {"svg": "image/svg+xml", "pdf": "application/pdf"}
_WHITE, _BLACK = "#ffffff", "#000000"
_CODE, _FRAME = 0.5, 0.62
"""The code, and the white around it, as parts of the sheet's width."""
_TITLE = _l("Scan, and be a member")
_PROMISE = _l("Earn points here, spend them at every shop of the district.")
_HOW = _l("With WeChat, Alipay or the camera of your phone. Half a minute, no app.")


@console.page("/merchants/stores/<str:store_id>/poster-<size>.<kind>")
def poster(uow: UnitOfWork, visit: Visit, store_id: str, size: str, kind: str) -> Handed:
    """A poster as a file."""
    must(visit, "merchants:read")
    if size not in SIZES or kind not in _MEDIA:
        raise NotFound
    store, district = queries.find_store(uow, store_id), queries.district(uow)
    shop = f"{queries.find_merchant(uow, store.merchant_id).name} · {store.name}"
    link = join_link(runtime().settings.public_url, district.slug, store.id)
    sheet = drawn(size, district.name, shop, link, district.brand_color or PINE)
    named = f"attachment; filename=poster-{size}-{store.id[-8:]}.{kind}"
    content = sheet.as_svg() if kind == "svg" else sheet.as_pdf()
    return File(content, _MEDIA[kind], headers={"Content-Disposition": named})


def drawn(size: str, district: str, shop: str, link: str, colour: str) -> Sheet:
    """A poster; its measures are parts of its width."""
    width, height = SIZES[size]
    middle, frame, code = width / 2, width * _FRAME, width * _CODE
    top = height * 0.34
    sheet = Sheet(width, height, f"{district} · {shop}")

    def write(at: float, text: str, part: float, *, is_bold: bool = False) -> None:
        fitting = min(width * part, width * 0.9 / max(width_of(text), 1))
        sheet.marks.append(PrintedLine(middle, height * at, fitting, text, _WHITE, is_bold))

    sheet.marks.append(PrintedBox(0, 0, width, height, colour))
    write(0.09, district, 0.05, is_bold=True)
    write(0.2, said(_TITLE), 0.09, is_bold=True)
    write(0.265, said(_PROMISE), 0.038)
    sheet.marks.append(PrintedBox(middle - frame / 2, top, frame, frame, _WHITE, width * 0.03))
    sheet.marks.extend(_code(link, middle - code / 2, top + (frame - code) / 2, code))
    write(0.855, said(_HOW), 0.032)
    write(0.935, shop, 0.042, is_bold=True)
    return sheet


def _code(link: str, left: float, top: float, size: float) -> list[PrintedBox]:
    """Runs of dark modules, so that no gap shows between neighbours."""
    rows = symbols.qr_modules(link)
    step = size / len(rows)
    return [
        PrintedBox(left + start * step, top + y * step, length * step, step, _BLACK)
        for y, row in enumerate(rows)
        for start, length in _runs(row)
    ]


def _runs(row: list[bool]) -> list[tuple[int, int]]:
    """Where runs of dark modules begin, and how long they are."""
    begins = [x for x, dark in enumerate(row) if dark and not (x and row[x - 1])]
    return [(x, next((n for n in range(x, len(row)) if not row[n]), len(row)) - x) for x in begins]

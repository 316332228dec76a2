"""Posters: a sheet to print, with the code by which shoppers join at a store. There is nothing on it that isn't for everybody."""

from __future__ import annotations

from app.districts import queries as districts
from app.districts.rules import join_link
from app.foundation import symbols
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.problems import NotFound
from app.foundation.runtime import runtime
from app.pages.doors import Visit
from app.pages.outcomes import File, Handed, WebPage
from app.shopper.door import shopper

SIZES = ("a4", "card")


@shopper.page("/poster", signed_in=False)
def poster(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """A poster of a `store`, by its code: of `size` a4, or a card for the table."""
    shop = districts.shop_of_code(uow, visit.asked("store"))
    if shop is None:
        raise NotFound
    size = visit.asked("size")
    return WebPage("shopper/poster.html", {"shop": shop, "size": size if size in SIZES else SIZES[0], "sizes": SIZES})


@shopper.data("/poster.svg", signed_in=False)
def poster_code(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """The code on it."""
    shop = districts.shop_of_code(uow, visit.asked("store"))
    if shop is None:
        raise NotFound
    link = join_link(runtime().settings.public_url, visit.path["slug"], shop.store_id)
    drawn = symbols.qr(link, "svg")
    return File(drawn.content, drawn.media_type, headers={"Cache-Control": "private, max-age=3600"})

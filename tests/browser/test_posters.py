"""Posters are printed: a sheet for the wall, a card for the table, with a code that leads to where one joins."""

from __future__ import annotations

import io
import re

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from tests.factories.districts import District
from tests.factories.pages import check_page

SHEETS = {"a4": (595, 842), "card": (298, 420)}
"""Points of a sheet: 210 × 297 mm, and 105 × 148 mm."""


@pytest.mark.parametrize("page", [{"locale": "zh-CN"}], indirect=True, ids=["desk"])
@pytest.mark.parametrize("size", SHEETS)
def test_a_poster_fills_one_sheet_and_leads_to_its_shop(page: Page, district: District, size: str) -> None:
    page.goto(f"/s/{district.slug}/poster?store={district.shop.store_code}&size={size}")
    expect(page.locator("main[data-page=shopper-poster]")).to_contain_text("店 A101")
    check_page(page)
    [code] = zxingcpp.read_barcodes(Image.open(io.BytesIO(page.locator(".poster-code").screenshot())))
    assert f"/s/{district.slug}/join/{district.shop.store_id}" in code.text
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    [sheet] = re.findall(rb"/MediaBox *\[0 0 ([\d.]+) ([\d.]+)\]", printed)
    assert tuple(round(float(side)) for side in sheet) == pytest.approx(SHEETS[size], abs=2)


def test_a_shop_that_is_none_has_no_poster(page: Page, district: District) -> None:
    page.goto(f"/s/{district.slug}/poster?store=nobody")
    expect(page.locator("[data-page=pages-error]")).to_be_visible()
    assert page.request.get(f"/s/{district.slug}/poster.svg?store=nobody").status == 404

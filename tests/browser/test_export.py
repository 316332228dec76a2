"""What is known of a member, as a page to read and to print."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.factories.districts import District

HEADINGS = {"zh": "zh-CN", "en": "en-GB"}


@pytest.mark.parametrize(
    ("page", "language"), [({"locale": locale}, name) for name, locale in HEADINGS.items()], indirect=["page"]
)
def test_an_export_is_read(page: Page, language: str, district: District) -> None:
    member = district.member(name="王小明<script>alert(1)</script>")
    sale = district.report(member_id=member, amount=12_800).ok(201)
    page.set_extra_http_headers({"Authorization": f"Bearer {district.key}"})
    page.goto(f"/v1/members/{member}/export/page")
    assert page.locator("html").get_attribute("lang") == language
    expect(page.locator("body")).to_contain_text("王小明<script>alert(1)</script>")
    expect(page.locator("body")).to_contain_text(sale["reference"])
    width = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert width[0] == width[1], "nothing stands beyond the edge"

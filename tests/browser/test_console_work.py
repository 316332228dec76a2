"""An import as an office does it: the file is chosen, its columns are looked at, the page is left and found again; an export."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from app.exports.tasks import make_export
from app.imports import rules, working
from app.imports.tasks import work_on
from tests.factories.clock import now
from tests.factories.districts import District
from tests.factories.imports import csv_of
from tests.factories.pages import check_page, reload, sign_in
from tests.factories.staff import hire

pytestmark = [
    pytest.mark.usefixtures("context"),
    pytest.mark.parametrize("page", [{"locale": "zh-CN"}], indirect=True, ids=["desk"]),
]
MAIN = "[data-action=main]"
ROWS = 4_000
"""Several sets of reading and of recording; 20,000 take the same ways, and 20 s more of two cores."""


def half_done(monkeypatch: pytest.MonkeyPatch, district_id: str, import_id: str) -> None:
    """Whoever looks while an import goes on: its job has half of the rows behind it."""
    step = working._next_set
    left = iter(range(ROWS // 2 // rules.ROWS_A_SET))

    def next_set(*arguments: str) -> str:
        return step(*arguments) if next(left, None) is not None else "left"

    with monkeypatch.context() as halfway:
        halfway.setattr(working, "_next_set", next_set)
        work_on(district_id, import_id)


def test_a_file_is_imported_left_and_found_again_and_a_list_exported(
    page: Page, district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = f"{now() - timedelta(days=1):%Y-%m-%d 12:00:00}"
    rows = [("A", "-1", at), *((f"A{n}", "12.80", at) for n in range(1, ROWS))]
    sign_in(page, hire(district))
    page.goto("/console/imports")
    check_page(page)
    table = {"name": "sales.csv", "mimeType": "text/csv", "buffer": csv_of(("票据", "实收金额", "交易时间"), *rows)}
    page.set_input_files("[name=file]", table)  # type: ignore[arg-type]
    page.click(MAIN)
    expect(page.locator("main[data-page=console-import]")).to_contain_text("sales.csv")
    import_id = page.url.rpartition("/")[2]
    work_on(district.id, import_id)
    page.goto("/console/work")
    check_page(page)
    page.click("tbody td a")
    page.select_option("[name='columns.reference']", "票据")
    page.select_option("[name='constants.store_code']", district.shop.store_code)
    page.click(MAIN)
    work_on(district.id, import_id)
    reload(page)
    expect(page.locator("tbody tr")).to_have_count(20)
    check_page(page)
    page.click(MAIN)
    half_done(monkeypatch, district.id, import_id)
    page.goto("/console/work")
    expect(page.locator("tbody tr").first).to_contain_text(f"{ROWS // 2 + 1:,}")
    check_page(page)
    work_on(district.id, import_id)
    page.click("tbody td a")
    expect(page.locator(".facts")).to_contain_text(f"{ROWS - 1:,}")
    check_page(page)
    page.goto("/console/sales")
    page.click("a[href^='/console/exports/new']")
    check_page(page)
    page.click(MAIN)
    export_id = district.api.get("/v1/audit-entries?action=export.asked", district.key).ok(200)["data"][0]["subject"][
        "id"
    ]
    make_export(district.id, export_id)
    reload(page)
    with page.expect_download() as saved:
        page.click("a[href$='/download']")
    assert saved.value.suggested_filename.endswith(".xlsx")
    check_page(page)

"""A real Chromium, as shops and shoppers have it: Debian's own, or the one that CHROMIUM names."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.factories.api import Api
from tests.factories.districts import District, new_district
from tests.factories.pages import Watched
from tests.factories.processes import PATIENCE_SECONDS
from tests.factories.till_pages import TillPage, paired_page

PATIENCE_MS = 1000 * PATIENCE_SECONDS
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def program() -> str:
    """Where it is; without one the test is skipped."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium here: install Debian's package `chromium`, or name a program in CHROMIUM")
    return found


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The browser; without one these tests are skipped.

    Of this folder, not of the session: its event loop would stand in the way of tests that have one of their own.
    """
    path = program()
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page that must ask nobody but us, and must break neither its policy nor its scripts."""
    with chromium.new_context(base_url=address, **getattr(request, "param", {})) as context:
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        watched = Watched(page)
        yield page
        assert watched.asked <= {address}
        assert watched.complaints == []


@pytest.fixture
def shop(live: Api) -> District:
    """A district whose product runs in processes of its own."""
    return new_district(live)


@pytest.fixture
def till(page: Page, shop: District) -> TillPage:
    """An open till."""
    return paired_page(page, shop)

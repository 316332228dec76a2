"""A till's page as a cashier uses it: paired, opened, scanned at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page, expect

from tests.factories.districts import District
from tests.factories.staffed_tills import PIN, add_cashier, new_till, pairing_code

SHOT = "window.printed = 0; window.print = () => { window.printed += 1; };"


@dataclass(frozen=True, slots=True)
class TillPage:
    """A page at `/till` that is a till of a district's first shop."""

    page: Page
    district: District
    till_id: str
    cashier_id: str

    def scan(self, text: str) -> None:
        """A gun types, wherever the focus is, and ends with Enter."""
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")

    def close_refund(self) -> None:
        """The cashier closes the panel; the next scan comes when the focus is back."""
        self.page.locator("#refund [data-close]").click()
        expect(self.page.locator("#refund")).to_be_hidden()
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")

    def sell(self, amount: str) -> None:
        """A sale that is nobody's: types the amount, confirms by Enter, goes on."""
        self.scan(amount)
        self.page.keyboard.press("Enter")
        expect(self.page.locator("#result")).to_be_visible()
        self.page.keyboard.press("Enter")
        expect(self.page.locator("#result")).to_be_hidden()

    def kept(self, store: str = "waiting") -> list[dict[str, Any]]:
        """What this browser keeps."""
        found: list[dict[str, Any]] = self.page.evaluate(_KEPT, store)
        return found

    def sold(self) -> list[dict[str, Any]]:
        """What the district has recorded of the shop."""
        path = f"/v1/transactions?store_id={self.district.shop.store_id}&limit=100"
        found: list[dict[str, Any]] = self.district.api.get(path, self.district.key).ok(200)["data"]
        return found


_KEPT = """store => new Promise((resolve, reject) => {
  const request = indexedDB.open("quantong-till", 1);
  request.onerror = () => reject(request.error);
  request.onsuccess = () => {
    const all = request.result.transaction(store).objectStore(store).getAll();
    all.onsuccess = () => { request.result.close(); resolve(all.result); };
  };
})"""


def paired_page(page: Page, district: District, *, language: str = "zh", pin: str = PIN) -> TillPage:
    """Pairs the page and opens the till."""
    store = district.shop.store_id
    till_id, cashier_id = new_till(district, store)["id"], add_cashier(district, store, pin=pin)
    page.add_init_script(SHOT)
    page.goto(f"/till?lang={language}")
    page.locator("#pairing").fill(pairing_code(district, till_id))
    page.locator("#pair [data-main]").click()
    page.locator("#pin").fill(pin)
    page.locator("#pin-form [data-main]").click()
    expect(page.locator("#scan")).to_be_focused()
    return TillPage(page, district, till_id, cashier_id)

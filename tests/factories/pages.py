"""What a page does that its reader doesn't see, and whether it can be read: by everybody, and in its language."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from playwright.sync_api import ConsoleMessage, Error, Page, Response, expect

from tests.factories.staff import Person

AXE = Path(__file__).parents[2] / "build" / "axe" / "axe.min.js"
"""By `make setup`, where npm could be reached; without it pages are looked at less closely."""
_RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
    "preload": False,
}
_ENGLISH = re.compile(r"[A-Za-z]{2,}(?:[ ,’']+[a-z]{1,}){2,}")
"""Three words on end: names of things, units and codes are shorter."""
_TEXTS = """() => {
  const texts = [];
  const walk = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return void texts.push(node.textContent.trim());
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    if (node.closest("[lang]:not(html)")?.lang.startsWith("en") || node.matches("script, style, svg, [data-foreign]")) return;
    for (const name of ["aria-label", "placeholder", "title", "alt"]) texts.push(node.getAttribute(name) ?? "");
    for (const name of node.getAttributeNames()) if (name.startsWith("data-") && name !== "data-page") texts.push(node.getAttribute(name));
    node.childNodes.forEach(walk);
  };
  walk(document.documentElement);
  return texts.filter(Boolean);
}"""


class Watched:
    """Whom a page asks (scheme, host and port), and what its console and scripts complain of.

    That a page itself was refused, such as one with a flawed form, is no complaint, nor that a call of the API by a script
    was, or met no network: the script deals with it.
    """

    def __init__(self, page: Page) -> None:
        self.asked: set[str] = set()
        self._heard: list[tuple[str, str]] = []
        self._refused: set[str] = set()
        page.on("request", lambda request: self._ask(request.url))
        page.on("response", self._note)
        page.on("pageerror", lambda error: self._heard.append((str(error), "")))
        page.on("console", self._hear)

    def _ask(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob"):
            self.asked.add(f"{parts.scheme}://{parts.netloc}")

    def _note(self, response: Response) -> None:
        if response.status >= 400 and response.request.resource_type == "document":
            self._refused.add(response.url)

    @property
    def complaints(self) -> list[str]:
        """What there is to complain of."""
        return [
            f"{text} ({url})"
            for text, url in self._heard
            if url.partition("#")[0] not in self._refused
            and not (text.startswith("Failed to load") and urlsplit(url).path.startswith("/v1/"))
        ]

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type == "error":
            self._heard.append((said.text, said.location["url"]))


def sign_in(page: Page, person: Person) -> None:
    """Comes into the console as a person would."""
    page.goto("/console/sign-in")
    page.fill("[name=login]", person.login)
    page.fill("[name=password]", person.password)
    page.fill("[name=otp]", person.otp())
    page.click("[data-action=main]")
    expect(page.locator("main[data-page=console-home]")).to_be_visible()


def reload(page: Page) -> None:
    """Loads a page anew that may be about to do so by itself: of two at once the first is given up."""
    for _ in range(3):
        with suppress(Error):
            page.reload()
            return
    page.reload()


def check_page(page: Page) -> None:
    """Looks at the page at hand in both languages, loading it anew; see check_state. It is Chinese afterwards."""
    for language in ("en", "zh"):
        page.goto(_in_language(page.url, language))
        assert page.locator("html").get_attribute("lang") == {"en": "en", "zh": "zh-CN"}[language]
        check_state(page)


def check_state(page: Page) -> None:
    """Looks at the page as it stands: axe finds nothing, nothing is wider than the screen, Chinese pages speak Chinese.

    Beside that, the page says which it is, and has one main action at most.
    """
    assert page.locator("main[data-page]").count() == 1, page.url
    assert page.locator("[data-action=main]").count() <= 1, f"{page.url} has several main actions"
    width = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert width[0] == width[1], f"{page.url} is wider than its screen"
    assert found_by_axe(page) == [], page.url
    if page.locator("html").get_attribute("lang") == "zh-CN":
        assert english_in(page) == [], page.url


def found_by_axe(page: Page) -> list[dict[str, Any]]:
    """What axe finds, shortened to what has to be mended."""
    if not AXE.exists():
        return []
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("async rules => (await axe.run(document, rules)).violations", _RULES)
    return [{"rule": one["id"], "at": [node["html"][:200] for node in one["nodes"]]} for one in found]


def english_in(page: Page) -> list[str]:
    """English sentences of a Chinese page, but for what people have written (`data-foreign`)."""
    return [text for text in page.evaluate(_TEXTS) if _ENGLISH.search(text)]


def _in_language(url: str, language: str) -> str:
    parts = urlsplit(url)
    asked = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != "lang"]
    return parts._replace(query=urlencode([*asked, ("lang", language)]), fragment="").geturl()

"""What a page does that its reader doesn't see."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import Page


class Watched:
    """Whom a page asks (scheme, host and port), and what its console and scripts complain of."""

    def __init__(self, page: Page) -> None:
        self.asked: set[str] = set()
        self.complaints: list[str] = []
        page.on("request", lambda request: self._ask(request.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: said.type == "error" and self.complaints.append(said.text))

    def _ask(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob"):
            self.asked.add(f"{parts.scheme}://{parts.netloc}")

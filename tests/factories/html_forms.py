"""The forms of a page as a browser without scripts would send them."""

from __future__ import annotations

from html.parser import HTMLParser

Fields = dict[str, list[str]]


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, Fields] = {}
        self._fields: Fields = {}
        self._select: tuple[str, list[tuple[str, bool]]] | None = None
        self._area: tuple[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._fields = self.forms.setdefault(said.get("action", ""), {})
        elif tag == "input" and "name" in said:
            if said.get("type") not in ("checkbox", "radio") or "checked" in said:
                self._add(said["name"], said.get("value", ""))
        elif tag == "textarea":
            self._area = said["name"], ""
        elif tag == "select":
            self._select = said["name"], []
        elif tag == "option" and self._select is not None:
            self._select[1].append((said.get("value", ""), "selected" in said))

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area = self._area[0], self._area[1] + data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area is not None:
            self._add(self._area[0], self._area[1].removeprefix("\n"))
            self._area = None
        elif tag == "select" and self._select is not None:
            name, options = self._select
            chosen = [value for value, is_chosen in options if is_chosen] or [value for value, _ in options[:1]]
            if chosen:
                self._add(name, chosen[-1])
            self._select = None

    def _add(self, name: str, value: str) -> None:
        self._fields.setdefault(name, []).append(value)


def form_of(text: str, action: str) -> Fields:
    """What the form of a page that leads to an address sends when nobody has touched it."""
    parser = _Forms()
    parser.feed(text)
    return parser.forms[action]

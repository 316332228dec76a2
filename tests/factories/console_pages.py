"""Every page and act of the console, with things of somebody in their addresses: new ones come by themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from app.console.pages import DOORS
from tests.factories.browsing import Browser

_PLACE = re.compile(r"<(\w+):\w+>")


class Address(NamedTuple):
    """Something of the console by its method and address."""

    method: str
    path: str

    def ask(self, browser: Browser) -> int:
        """The status that somebody gets there, with an empty form."""
        return (browser.get if self.method == "GET" else browser.post)(self.path).status


def addresses(ids: Mapping[str, str], *places: str) -> Iterator[Address]:
    """What stands under some places and names nothing but things of these kinds."""
    for spec in (spec for door in DOORS for spec in door.specs):
        named = _PLACE.findall(spec.rule)
        if named and spec.rule.split("/")[1] in places and set(named) <= ids.keys():
            path = _PLACE.sub(lambda place: ids[place[1]], spec.rule)
            yield Address(spec.method, f"/console{path}")

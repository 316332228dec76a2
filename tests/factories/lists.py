"""Lists of the API, walked as a client walks them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.factories.api import Api
from tests.factories.districts import District


def pages(api: Api, path: str, key: str, *, limit: int) -> Iterator[dict[str, Any]]:
    """Every page of a list, from the newest on."""
    joint = "&" if "?" in path else "?"
    cursor = ""
    while True:
        page = api.get(f"{path}{joint}limit={limit}{cursor}", key).ok(200)
        yield page
        if not page["has_more"]:
            return
        cursor = f"&starting_after={page['data'][-1]['id']}"


def ids(page: Any) -> list[str]:
    """The ids on a page."""
    return [row["id"] for row in page["data"]]


def check_paging(api: Api, path: str, key: str, newest_first: list[str]) -> None:
    """A list of these ids pages forwards and backwards without losing or doubling one."""
    assert len(newest_first) >= 3
    walked = list(pages(api, path, key, limit=2))
    assert [one for page in walked for one in ids(page)] == newest_first
    assert all(page["object"] == "list" for page in walked)
    joint = "&" if "?" in path else "?"
    before_last = api.get(f"{path}{joint}limit=1&ending_before={newest_first[-1]}", key).ok(200)
    assert ids(before_last) == [newest_first[-2]]
    assert before_last["has_more"] is True
    newest = api.get(f"{path}{joint}limit=100&ending_before={newest_first[1]}", key).ok(200)
    assert ids(newest) == newest_first[:1]
    assert newest["has_more"] is False


def events(district: District, kind: str) -> list[Any]:
    """What was told of a kind, newest first."""
    rows = district.api.get("/v1/events?limit=100", district.key).ok(200)["data"]
    return [row["data"] for row in rows if row["type"] == kind]

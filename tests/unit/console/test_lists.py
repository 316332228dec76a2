"""Lists are asked for by their address, and lead to their other pages without losing what they are narrowed by."""

from __future__ import annotations

import pytest
from flask import Flask

from app.console.lists import Listing, listing
from app.foundation.http.fields import Id, Instant, Text, page_query
from app.foundation.problems import NotFound
from app.pages.readers import beginning_in

SCHEMA = page_query("txn", store_id=Id("str"), reference=Text(10), occurred_from=Instant())
STORE, FIRST, LAST = f"str_{'1' * 32}", f"txn_{'3' * 32}", f"txn_{'2' * 32}"


def asked(query: str = "") -> Listing:
    with Flask("x").test_request_context(f"/console/sales?{query}"):
        readers = {"occurred_from": beginning_in("Asia/Shanghai")}
        return listing("/console/sales", SCHEMA, readers, exported_as="transactions")


def test_the_filter_is_what_the_api_takes() -> None:
    found = asked(f"store_id={STORE}&reference=+A1+&occurred_from=2026-11-01&lang=zh&other=1")
    assert (found.query["store_id"], found.query["reference"]) == (STORE, "A1")
    assert found.query["occurred_from"].isoformat() == "2026-10-31T16:00:00+00:00"
    assert found.is_filtered
    assert found.export == (
        f"/console/exports/new?of=transactions&store_id={STORE}&reference=A1&occurred_from=2026-11-01"
    )
    assert (asked().is_filtered, asked().form.error) == (False, None)


def test_a_flawed_text_is_named_at_its_field_and_asks_for_nothing() -> None:
    found = asked(f"reference={'x' * 11}&occurred_from=yesterday&store_id={STORE}")
    assert found.query["store_id"] == STORE
    assert not {"reference", "occurred_from"} & set(found.query)
    assert found.form.flaw("reference")
    assert found.form.flaw("occurred_from")
    assert not found.form.flaw("store_id")
    assert found.form.texts["reference"] == "x" * 11


def test_ids_that_cannot_be_are_not_found() -> None:
    with pytest.raises(NotFound):
        asked("store_id=mer_1")


@pytest.mark.parametrize(
    ("cursor", "has_more", "ways"),
    [
        ("", False, ("", "")),
        ("", True, ("", LAST)),
        (f"starting_after=txn_{'4' * 32}", False, (FIRST, "")),
        (f"starting_after=txn_{'4' * 32}", True, (FIRST, LAST)),
        (f"ending_before=txn_{'1' * 32}", True, (FIRST, LAST)),
        (f"ending_before=txn_{'1' * 32}", False, ("", LAST)),
    ],
)
def test_pages_lead_to_their_neighbours(cursor: str, has_more: bool, ways: tuple[str, str]) -> None:
    found = asked(f"reference=A1&{cursor}").showing([FIRST, LAST], has_more=has_more)
    at = "/console/sales?reference=A1"
    assert found.newer == (f"{at}&ending_before={ways[0]}" if ways[0] else "")
    assert found.older == (f"{at}&starting_after={ways[1]}" if ways[1] else "")
    assert not asked().showing([], has_more=False).older

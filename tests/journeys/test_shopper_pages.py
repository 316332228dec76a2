"""What the shopper's pages say, without a browser: shops by the clock of their district, and in its colour."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from tests.factories.api import Api
from tests.factories.clock import local
from tests.factories.districts import District
from tests.factories.sandboxes import advance, new_sandbox

pytestmark = pytest.mark.usefixtures("context")


def words_of(app: Flask, path: str) -> str:
    """What a visitor reads, without what marks it up."""
    text = app.test_client().get(path, base_url="https://localhost").get_data(as_text=True)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def open_on_weekdays(district: District, **hours: object) -> None:
    span = {"from": "10:00", "to": "02:00", **hours}
    path = f"/v1/stores/{district.shop.store_id}"
    district.api.patch(path, {"opening_hours": [span]}, district.key).ok(200)


def test_shops_say_until_when_they_are_open_by_the_clock_of_their_district(app: Flask, api: Api) -> None:
    district = new_sandbox(api)
    open_on_weekdays(district)
    shops = f"/s/{district.slug}/shops"
    advance(district, to=local(0, "09:00"))
    assert "已打烊，10:00 开门" in words_of(app, shops)
    assert "店 A101" not in words_of(app, f"{shops}?open=1")
    advance(district, to=local(0, "23:00"))
    shown = words_of(app, f"{shops}?open=1")
    assert "营业中，至 02:00" in shown
    assert "每天 10:00–02:00" in shown
    assert "店 B202" not in shown, "nobody has told its hours"
    advance(district, to=local(1, "02:00"))
    day = (local(1).isoweekday() + 1) % 7 + 1
    open_on_weekdays(district, weekdays=[day])
    name = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[day - 1]
    assert f"Closed, opens on {name} at 10:00" in words_of(app, f"{shops}?lang=en")


def test_a_district_s_pages_icons_and_posters_have_its_colour(app: Flask, district: District) -> None:
    """One in which nobody could read is refused."""
    api, path, home = district.api, f"/v1/districts/{district.id}", f"/s/{district.slug}"

    def get(place: str) -> bytes:
        return bytes(app.test_client().get(f"{home}/{place}", base_url="https://localhost").data)

    before = get("icon-192.png")
    for colour, code in (("#d4a017", "low-contrast"), ("red", "invalid-color"), ("#8A1538", "invalid-color")):
        refused = api.patch(path, {"brand_color": colour}, api.operator_key)
        assert (refused.status, refused.body["errors"][0]["code"]) == (422, code)
    assert get("icon-192.png") == before
    assert api.patch(path, {"brand_color": "#8a1538"}, api.operator_key).ok(200)["brand_color"] == "#8a1538"
    for place in ("theme.css", "mark.svg", "manifest.webmanifest", "join"):
        assert b"#8a1538" in get(place), place
    assert get("icon-192.png") != before
    assert f'src="{home}/mark.svg"'.encode() in get(f"poster?store={district.shop.store_code}")
    assert api.patch(path, {"brand_color": None}, api.operator_key).ok(200)["name"] == "湖滨步行街"
    assert get("icon-192.png") == before

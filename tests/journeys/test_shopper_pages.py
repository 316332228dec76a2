"""What the shopper's pages say, without a browser: shops by the clock of their district."""

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

"""The QR code on a shop's poster leads to its page for joining."""

from __future__ import annotations

import io

import pytest
import zxingcpp
from PIL import Image

from app.config import Settings
from tests.factories.api import Api
from tests.factories.districts import District, new_district
from tests.factories.problems import check_problem


def test_a_store_s_poster_leads_to_where_one_joins_there(district: District, settings: Settings) -> None:
    poster = district.api.get(f"/v1/stores/{district.shop.store_id}/join-qr?format=png", district.key)
    assert (poster.status, poster.headers["Content-Type"]) == (200, "image/png")
    assert poster.headers["Cache-Control"] == "private, max-age=3600"
    assert poster.headers["X-Content-Type-Options"] == "nosniff"
    [found] = zxingcpp.read_barcodes(Image.open(io.BytesIO(poster.body.encode("latin-1"))))
    [own] = [
        one
        for one in district.api.get("/v1/districts?limit=100", district.api.operator_key).ok(200)["data"]
        if one["id"] == district.id
    ]
    assert found.text == f"{settings.public_url}/s/{own['slug']}/join/{district.shop.store_id}"


def test_it_is_an_svg_unless_asked_otherwise(district: District) -> None:
    path = f"/v1/stores/{district.shop.store_id}/join-qr"
    plain, named = (district.api.get(path + query, district.shop.key) for query in ("", "?format=svg"))
    assert plain.headers["Content-Type"] == "image/svg+xml"
    assert plain.body == named.body
    assert plain.body.startswith("<?xml")


def test_other_formats_are_refused(district: District) -> None:
    path = f"/v1/stores/{district.shop.store_id}/join-qr"
    for query in ("?format=gif", "?format=", "?size=3"):
        check_problem(district.api.get(path + query, district.key), 422, "validation-failed")


@pytest.mark.parametrize("whose", ["other shop", "other district"])
def test_a_shop_draws_its_own_posters(api: Api, district: District, whose: str) -> None:
    store = district.other_shop if whose == "other shop" else new_district(api).shop
    check_problem(district.api.get(f"/v1/stores/{store.store_id}/join-qr", district.shop.key), 404, "not-found")

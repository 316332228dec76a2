"""Static files: kept for good under their digest, packed for who takes that, and nothing else of the folder."""

from __future__ import annotations

import gzip

from flask import Flask

from app.pages.assets import STATIC, Assets

CSS = "pages/tokens.css"


def test_a_file_is_kept_for_good_under_the_digest_of_the_tree(app: Flask) -> None:
    found, client = Assets.of(), app.test_client()
    plain = client.get(found.url(CSS))
    assert plain.data == (STATIC / CSS).read_bytes()
    assert plain.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert plain.headers["Content-Type"] == "text/css; charset=utf-8"
    assert plain.headers["X-Content-Type-Options"] == "nosniff"
    packed = client.get(found.url(CSS), headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"


def test_a_page_of_another_version_gets_this_one_s_and_keeps_it_not(app: Flask) -> None:
    other = app.test_client().get(f"/static/{'0' * 12}/{CSS}")
    assert (other.status_code, other.headers["Cache-Control"]) == (200, "no-cache")


def test_nothing_else_is_served(app: Flask) -> None:
    digest = Assets.of().digest
    for name in ("pages/none.css", "../config.py", "pages/../../config.py", "docs.js", "vendor/zxing/LICENSE", ""):
        assert app.test_client().get(f"/static/{digest}/{name}").status_code == 404

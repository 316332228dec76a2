"""What `/till` is served with: its policy, its worker, its icons; and nothing of anybody."""

from __future__ import annotations

import io
import re

import pytest
from flask import Flask
from PIL import Image


def test_the_page_may_use_the_camera_and_webassembly_and_load_nothing_foreign(app: Flask) -> None:
    answer = app.test_client().get("/till")
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self' 'wasm-unsafe-eval';" in policy
    assert "default-src 'none'" in policy
    assert answer.headers["Permissions-Policy"].startswith("camera=(self)")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "style=" not in answer.text
    assert not re.search(r"<script(?![^>]*(src=|type=\"application/json\"))", answer.text)


@pytest.mark.parametrize(("language", "words"), [("zh", "确认收款"), ("en", "Confirm")])
def test_it_speaks_both_languages(app: Flask, language: str, words: str) -> None:
    answer = app.test_client().get(f"/till?lang={language}")
    assert words in answer.text


def test_the_worker_keeps_the_page_and_its_files(app: Flask) -> None:
    client = app.test_client()
    answer = client.get("/till/sw.js")
    assert answer.headers["Service-Worker-Allowed"] == "/till"
    files = re.findall(r'"(/static/[^"]+)"', answer.text)
    assert {path.rsplit("/", 1)[1] for path in files} >= {"till.js", "sale.js", "queue.js", "till.css", "tokens.css"}
    assert all(client.get(path).status_code == 200 for path in files)


def test_it_can_be_installed(app: Flask) -> None:
    client = app.test_client()
    told = client.get("/till/manifest.webmanifest").json
    assert (told["start_url"], told["scope"], told["display"]) == ("/till", "/till", "standalone")
    for one in told["icons"]:
        picture = Image.open(io.BytesIO(client.get(one["src"]).data))
        assert f"{picture.width}x{picture.height}" == one["sizes"]
    assert client.get("/till/icon-7.png").status_code == 404

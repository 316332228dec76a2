"""."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.foundation.http.answers import guard_answers
from app.foundation.http.contract import contract_pages
from app.foundation.http.contract.contract_pages import ASSETS
from app.foundation.http.errors import register_errors
from app.foundation.i18n import register_languages

TEMPLATES = Path(contract_pages.__file__).parents[3] / "templates"


@pytest.fixture
def client() -> FlaskClient:
    app = Flask(__name__, static_folder=None, template_folder=str(TEMPLATES))
    register_languages(app)
    register_errors(app)
    guard_answers(app)
    app.register_blueprint(contract_pages.contract_pages)
    return app.test_client()


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The viewer's files, whether or not this machine has them."""
    for name in ASSETS:
        (tmp_path / name).write_text(f"/* {name} */")
        monkeypatch.setitem(ASSETS, name, tmp_path / name)


@pytest.mark.usefixtures("installed")
def test_the_page_is_chinese_first_and_runs_no_script_but_ours(client: FlaskClient) -> None:
    page = client.get("/docs")
    assert (page.status_code, page.content_type) == (200, "text/html; charset=utf-8")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self';" in policy
    assert "unsafe" not in policy
    assert '<html lang="zh">' in page.text
    for forbidden in ("http://", "https://", "<style", " style=", "<script>", "onclick"):
        assert forbidden not in page.text


@pytest.mark.usefixtures("installed")
def test_every_part_that_the_page_asks_for_is_served(client: FlaskClient) -> None:
    page = client.get("/docs").text
    for name in ASSETS:
        assert f'"docs/{name}"' in page
        part = client.get(f"/docs/{name}")
        assert (part.status_code, part.headers["X-Content-Type-Options"]) == (200, "nosniff")
        assert part.text == f"/* {name} */"
        part.close()


@pytest.mark.usefixtures("installed")
def test_without_its_viewer_the_page_says_so(client: FlaskClient) -> None:
    ASSETS["swagger-ui-bundle.js"].unlink()
    page = client.get("/docs")
    assert page.status_code == 200
    assert "make setup" in page.text
    assert "<script" not in page.text
    assert client.get("/docs/swagger-ui-bundle.js").status_code == 404


@pytest.mark.parametrize("name", ["nothing.js", "..", "docs.html", "%2e%2e%2fcontract_pages.py"])
def test_nothing_else_is_served(client: FlaskClient, name: str) -> None:
    assert client.get(f"/docs/{name}").status_code == 404


def test_the_page_s_own_script_asks_nobody_outside() -> None:
    script = ASSETS["docs.js"].read_text(encoding="utf-8")
    assert "http" not in script
    assert "validatorUrl: null" in script

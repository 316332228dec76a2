"""."""

from __future__ import annotations

from flask import Flask

from app.foundation.http.contract.problem_pages import problem_pages
from app.foundation.http.errors import register_errors
from app.foundation.i18n import register_languages


def test_the_type_of_a_problem_leads_to_its_page() -> None:
    app = Flask(__name__)
    register_languages(app)
    register_errors(app)
    app.register_blueprint(problem_pages)
    client = app.test_client()
    found = client.get("/problems/reference-conflict")
    assert (found.status_code, found.mimetype) == (200, "text/markdown")
    assert "409" in found.get_data(as_text=True)
    for nothing in ("no-such", "..%2f..%2fREADME", "%00"):
        assert client.get(f"/problems/{nothing}").status_code == 404

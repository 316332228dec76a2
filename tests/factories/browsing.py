"""The console as a browser without scripts sees it: cookies, ways, forms."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from flask.testing import FlaskClient

from tests.factories.staff import Person

OURS = {"Sec-Fetch-Site": "same-origin"}
"""What a browser says of a form that one of our pages sends."""


class Browser:
    """Keeps cookies, follows ways, and sends forms as our pages do."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.text, self.status, self.at = "", 0, ""

    def get(self, path: str) -> Browser:
        return self._shown(self.client.get(path, base_url="https://localhost", follow_redirects=True))

    def post(self, path: str, headers: dict[str, str] = OURS, **fields: str | list[str]) -> Browser:
        data = urlencode(fields, doseq=True)
        kind = "application/x-www-form-urlencoded"
        sent = self.client.post(path, data=data, headers=headers, base_url="https://localhost", content_type=kind)
        if sent.status_code == 303:
            return self.get(sent.headers["Location"])
        return self._shown(sent)

    def _shown(self, answer: object) -> Browser:
        self.text, self.status = answer.get_data().decode(errors="replace"), answer.status_code  # type: ignore[attr-defined]
        self.at = answer.request.path  # type: ignore[attr-defined]
        return self

    @property
    def page(self) -> str:
        """Its name."""
        found = re.search(r'data-page="([\w-]+)"', self.text)
        return found[1] if found else ""

    def sign_in(self, person: Person, **more: str) -> Browser:
        fields = {"login": person.login, "password": person.password, **more}
        if person.secret is not None and "otp" not in fields:
            fields["otp"] = person.otp()
        return self.post("/console/sign-in", **fields)

"""Settlement in the console: who sees and does what, tried at every address with things of others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.factories.browsing import Browser
from tests.factories.checksums import Watch
from tests.factories.clock import now
from tests.factories.console_pages import addresses
from tests.factories.districts import District
from tests.factories.settlement import settle_by_hand
from tests.factories.staff import Person, hire

pytestmark = pytest.mark.usefixtures("context")
PLACES = ("settlement",)


@pytest.fixture
def browser(app: Flask) -> Iterator[Browser]:
    with app.test_client() as client:
        yield Browser(client)


def things_of(district: District) -> dict[str, str]:
    """A closed period, the statement of its second shop, that shop and a payment of it, by the prefix of their ids."""
    period, _own, other = settle_by_hand(district)
    shop = district.other_shop.merchant_id
    slip = {"merchant_id": shop, "amount": 100, "bank_reference": "1", "booked_on": now().date().isoformat()}
    payment = district.api.post("/v1/payments", slip, district.key).ok(201)["id"]
    wrong = {"lines": [{"amount": 1}], "reason": "missing", "text": "少了"}
    dispute = district.api.post(f"/v1/statements/{other}/dispute", wrong, district.other_shop.key).ok(201)["id"]
    return {"per": period, "stm": other, "mer": shop, "pay": payment, "dsp": dispute}


def answers(browser: Browser, person: Person, ids: dict[str, str]) -> dict[str, int]:
    """What somebody is answered at every address of these things."""
    browser.sign_in(person)
    browser.post("/console/account/password-again", password=person.password)
    found = {f"{one.method} {one.path}": one.ask(browser) for one in addresses(ids, *PLACES)}
    assert len(found) > 10
    return found


def test_things_of_another_district_are_nowhere(
    browser: Browser, district: District, other_district: District, watch: Watch
) -> None:
    """Whoever administers one district finds nothing of another, at no address."""
    ids, admin = things_of(other_district), hire(district)
    before = watch.sums(other_district.id)
    assert {path: status for path, status in answers(browser, admin, ids).items() if status != 404} == {}
    assert watch.sums(other_district.id) == before


def test_a_manager_finds_its_own_statement_alone(browser: Browser, district: District, watch: Watch) -> None:
    """Nothing of another merchant's money, no sums of the district's, and neither terms nor closing."""
    ids, manager = things_of(district), hire(district, "merchant_manager")
    before = watch.sums(district.id)
    found = answers(browser, manager, ids)
    period = found.pop(f"GET /console/settlement/periods/{ids['per']}")
    assert (period, {path: status for path, status in found.items() if status not in (403, 404)}) == (200, {})
    for path in ("settlement", f"settlement/periods/{ids['per']}"):
        text = browser.get(f"/console/{path}").text
        assert not [one for one in (ids["stm"], district.other_shop.merchant_id) if one in text]
    assert "资金池" not in browser.get(f"/console/settlement/periods/{ids['per']}").text
    for path in ("terms", "terms/new", "payments", "payments/new"):
        assert browser.get(f"/console/settlement/{path}").status == 403
    assert watch.sums(district.id) == before


@pytest.mark.parametrize(
    ("role", "sees"), [("alliance_viewer", True), ("alliance_operator", False), ("cashier", False)]
)
def test_who_lacks_a_scope_changes_nothing(
    browser: Browser, district: District, watch: Watch, role: str, sees: bool
) -> None:
    """Viewers look and change nothing; who has nothing to do with settlement finds none of it."""
    ids, person = things_of(district), hire(district, role)
    before = watch.sums(district.id)
    for path, status in answers(browser, person, ids).items():
        assert status in ((200,) if sees and path.startswith("GET") else (403, 404, 422)), path
    for path in ("", "/terms", "/payments"):
        assert browser.get(f"/console/settlement{path}").status == (200 if sees else 403)
    assert browser.get("/console/settlement/terms/new").status == 403
    for path in ("terms", "payments"):
        assert browser.post(f"/console/settlement/{path}/new", publish="1").status in (403, 422)
    assert watch.sums(district.id) == before

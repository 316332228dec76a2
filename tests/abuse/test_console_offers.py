"""Offers in the console: who sees and does what, tried at every address with things of others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from app.coupons.bulk.tasks import make_codes
from tests.factories.browsing import Browser
from tests.factories.checksums import Watch
from tests.factories.console_pages import addresses
from tests.factories.coupons import new_campaign, order_codes
from tests.factories.districts import District
from tests.factories.points import change_programme
from tests.factories.staff import Person, hire
from tests.factories.vouchers import new_vouchers, pay_with_voucher

pytestmark = pytest.mark.usefixtures("context")
PLACES = ("campaigns", "code-batches", "issues", "redemptions")


@pytest.fixture
def browser(app: Flask) -> Iterator[Browser]:
    with app.test_client() as client:
        yield Browser(client)


def things_of(district: District, key: str | None = None, **terms: object) -> dict[str, str]:
    """A campaign with its batch, issue and redemption, by the prefix of their ids."""
    member = district.member()
    campaign = new_campaign(district, key=key, issuing=["claim", "code_batch", "targeted"], **terms)["id"]
    batch = order_codes(district, campaign, 1, key=key).ok(202)["id"]
    make_codes(district.id, batch)
    asked = district.api.post(f"/v1/campaigns/{campaign}/issue", {"audience": {}}, key or district.key).ok(202)["id"]
    pay_with_voucher(district, new_vouchers(district), member, store_id=district.other_shop.store_id).ok(201)
    [redemption] = district.api.get("/v1/redemptions", district.key).ok(200)["data"]
    return {"cam": campaign, "cbt": batch, "iss": asked, "red": redemption["id"]}


def refusals(browser: Browser, person: Person, ids: dict[str, str]) -> dict[str, int]:
    """What somebody is answered at every address of these things that doesn't lead to a page."""
    browser.sign_in(person)
    found = {
        f"{one.method} {one.path.replace(one.path.split('/')[3], '…')}": one.ask(browser)
        for one in addresses(ids, *PLACES)
    }
    assert len(found) > 15
    return found


def test_things_of_another_district_are_nowhere(
    browser: Browser, district: District, other_district: District, watch: Watch
) -> None:
    """Whoever administers one district finds nothing of another, at no address."""
    ids, admin = things_of(other_district), hire(district)
    before = watch.sums(other_district.id)
    assert {path: status for path, status in refusals(browser, admin, ids).items() if status != 404} == {}
    assert watch.sums(other_district.id) == before


def test_things_of_another_merchant_are_nowhere(browser: Browser, district: District, watch: Watch) -> None:
    """A manager finds nothing of another merchant's own campaigns and redemptions."""
    change_programme(district, merchant_campaigns=True)
    scopes = ["campaigns:write", "campaigns:read", "coupons:issue", "coupons:read"]
    body = {"name": "own", "merchant_id": district.other_shop.merchant_id, "scopes": scopes}
    key = district.api.post("/v1/api-keys", body, district.key).ok(201)["secret"]
    ids, manager = things_of(district, key), hire(district, "merchant_manager")
    browser.sign_in(manager)
    before = watch.sums(district.id)
    found = {one: one.ask(browser) for one in addresses(ids, *PLACES)}
    assert {one: status for one, status in found.items() if status not in (403, 404)} == {}
    assert watch.sums(district.id) == before
    for path in ("/console/campaigns", "/console/redemptions"):
        text = browser.get(path).text
        assert not any(one in text for one in (ids["cam"], ids["red"]))


@pytest.mark.parametrize(("role", "sees"), [("alliance_viewer", True), ("cashier", False)])
def test_who_lacks_a_scope_changes_nothing(
    browser: Browser, district: District, watch: Watch, role: str, sees: bool
) -> None:
    """Viewers look and change nothing; cashiers find none of these pages but the redemptions of their store."""
    ids, person = things_of(district), hire(district, role, strong=False)
    browser.sign_in(person)
    before = watch.sums(district.id)
    for one in addresses(ids, *PLACES):
        status = one.ask(browser)
        is_shown = one.method == "GET" and not one.path.endswith(("/edit", "/issue"))
        assert status in ((200,) if is_shown and sees else (403, 422) if sees else (403, 404)), one
    assert browser.get("/console/campaigns").status == (200 if sees else 403)
    assert browser.get("/console/campaigns/new").status == 403
    assert watch.sums(district.id) == before

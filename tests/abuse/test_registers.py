"""Pages of the console on sales, members, shops and complaints: whose they are, and by what right somebody writes there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from tests.conftest import OPERATOR_KEY
from tests.factories.api import Api
from tests.factories.browsing import Browser
from tests.factories.cases import complain
from tests.factories.checksums import Watch
from tests.factories.districts import District, Shop, new_district
from tests.factories.staff import hire

LISTS = {
    "/console/sales": "transactions:read",
    "/console/refunds": "transactions:read",
    "/console/members": "members:read",
    "/console/merchants": "merchants:read",
    "/console/cases": "members:read",
}
"""Lists, and the scope that each needs."""
PAGES = {
    "/console/sales/{sale}": "transactions:read",
    "/console/members/{member}": "members:read",
    "/console/merchants/{merchant}": "merchants:read",
    "/console/merchants/stores/{store}": "merchants:read",
    "/console/merchants/stores/{store}/poster-a4.pdf": "merchants:read",
    "/console/merchants/stores/{store}/poster-card.svg": "merchants:read",
    "/console/cases/{case}": "members:read",
}
"""Pages about one thing that a shop's manager reads, too."""
ALLIANCE_S = {
    "/console/members/{member}/change",
    "/console/members/{member}/merge",
    "/console/members/{member}/export",
    "/console/members/{member}/erase",
    "/console/merchants/{merchant}/stores/new",
}
_CONSENT = {"controller": "district", "purpose": "membership", "version": "1", "granted": "false"}
ACTS: Mapping[str, Mapping[str, str]] = {
    "/console/sales/{sale}/refund": {"transaction_id": "{sale}", "amount": "1", "reference": "X"},
    "/console/sales/{unclaimed}/claim": {"owner": "{number}"},
    "/console/cases/{case}/answer": {"answer": "x"},
}
"""What a shop's manager does with its own, too."""
ALLIANCE_ACTS: Mapping[str, Mapping[str, str]] = {
    "/console/members/{member}/profile": {"name": "王芳", "birthday": ""},
    "/console/members/{member}/tags": {"tags": "x"},
    "/console/members/{member}/phone": {"phone": "13800000000", "reason": "x"},
    "/console/members/{member}/consents": _CONSENT,
    "/console/members/{member}/points": {"points": "5", "reason": "x"},
    "/console/members/{member}/freeze": {},
    "/console/members/{member}/unfreeze": {},
    "/console/members/{member}/spend-lock": {"locked": "true"},
    "/console/members/{member}/merge": {"into": "{member}"},
    "/console/members/{member}/erase": {"number": "{number}"},
    "/console/merchants/{merchant}": {"name": "x"},
    "/console/merchants/{merchant}/stores/new": {"merchant_id": "{merchant}", "name": "x", "code": "x"},
    "/console/merchants/stores/{store}": {"name": "x"},
}
ROLES = "alliance_admin", "alliance_viewer", "merchant_manager"
Things = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Street:
    """Two districts; what two shops of the first have, and one of the second; and who of the first is signed in."""

    district: District
    other: District
    own: Things
    neighbour: Things
    foreign: Things
    desks: Mapping[str, Browser]


def things_of(district: District, shop: Shop) -> Things:
    """Ids of what a shop has: a member who bought there and complains, and a sale that is nobody's."""
    member = district.member(name="王小明")
    sale = district.report(store_id=shop.store_id, member_id=member).ok(201)["id"]
    return {
        "member": member,
        "sale": sale,
        "unclaimed": district.report(store_id=shop.store_id).ok(201)["id"],
        "case": complain(district, member, sale).ok(201)["id"],
        "number": district.api.get(f"/v1/members/{member}", district.key).ok()["number"],
        "merchant": shop.merchant_id,
        "store": shop.store_id,
    }


@pytest.fixture(scope="module")
def street(app: Flask) -> Iterator[Street]:
    with app.app_context():
        api = Api.inside(app, OPERATOR_KEY)
        district, other = new_district(api), new_district(api)
        desks = {role: Browser(app.test_client()).sign_in(hire(district, role)) for role in ROLES}
        shops = (district, district.shop), (district, district.other_shop), (other, other.shop)
        yield Street(district, other, *(things_of(*one) for one in shops), desks)


@pytest.fixture
def unchanged(watch: Watch, street: Street) -> Iterator[None]:
    """Whatever a test asks for, both districts stay as they were; that somebody read stands in the audit log."""
    noted: dict[str, Any] = {"audit_entries": None}
    ids = street.district.id, street.other.id
    before = {**watch.sums(*ids), **noted}
    yield
    assert {**watch.sums(*ids), **noted} == before


def statuses(desk: Browser, things: Things) -> dict[str, int]:
    """What becomes of every page and act about some things."""
    found = {page: desk.get(page.format(**things)).status for page in (*PAGES, *ALLIANCE_S)}
    for act, fields in {**ACTS, **ALLIANCE_ACTS}.items():
        texts = {name: text.format(**things) for name, text in fields.items()}
        found[f"POST {act}"] = desk.post(act.format(**things), **texts).status
    return found


@pytest.mark.usefixtures("unchanged")
def test_another_district_s_things_are_like_none(street: Street) -> None:
    """To whoever may do everything in its own."""
    desk = street.desks["alliance_admin"]
    assert set(statuses(desk, street.foreign).values()) == {404}


@pytest.mark.usefixtures("unchanged")
def test_another_shop_s_things_are_like_none_to_a_manager(street: Street) -> None:
    """What only the alliance does is refused before anybody looks."""
    desk = street.desks["merchant_manager"]
    found = statuses(desk, street.neighbour)
    refused = {*ALLIANCE_S, *(f"POST {one}" for one in ALLIANCE_ACTS)}
    assert {status for one, status in found.items() if one in refused} <= {403, 404}
    assert {status for one, status in found.items() if one not in refused} == {404}


@pytest.mark.usefixtures("unchanged")
def test_the_alliance_s_acts_are_no_manager_s(street: Street) -> None:
    """Nor with a member who bought at its own shop."""
    desk = street.desks["merchant_manager"]
    for page in ALLIANCE_S:
        assert desk.get(page.format(**street.own)).status == 403, page
    for act, fields in ALLIANCE_ACTS.items():
        texts = {name: text.format(**street.own) for name, text in fields.items()}
        assert desk.post(act.format(**street.own), **texts).status == 403, act


@pytest.mark.usefixtures("unchanged")
def test_without_the_scope_nothing_is_read_or_done(street: Street) -> None:
    """A viewer reads sales and shops, no person, and changes nothing."""
    desk = street.desks["alliance_viewer"]
    for page, scope in {**LISTS, **PAGES, **dict.fromkeys(ALLIANCE_S, "members:write")}.items():
        expected = 200 if scope in ("transactions:read", "merchants:read") else 403
        assert desk.get(page.format(**street.own)).status == expected, page
        assert street.own["number"] not in desk.text, page
        assert "王小明" not in desk.text, page
    for act, fields in {**ACTS, **ALLIANCE_ACTS}.items():
        texts = {name: text.format(**street.own) for name, text in fields.items()}
        assert desk.post(act.format(**street.own), **texts).status == 403, act


@pytest.mark.usefixtures("unchanged")
def test_only_the_alliance_adds_merchants(street: Street) -> None:
    """Neither a manager nor a viewer is even asked for one."""
    for role in ("merchant_manager", "alliance_viewer"):
        assert street.desks[role].get("/console/merchants/new").status == 403
        assert street.desks[role].post("/console/merchants/new", name="x", code="x").status == 403


@pytest.mark.usefixtures("unchanged")
def test_lists_show_a_manager_its_own_shops_only(street: Street) -> None:
    """Also where another shop's things are asked for."""
    desk = street.desks["merchant_manager"]
    foreign = [
        street.neighbour[name] for name in ("sale", "unclaimed", "member", "number", "case", "store", "merchant")
    ]
    for page in LISTS:
        assert desk.get(page).status == 200
        assert [one for one in foreign if one in desk.text] == [], page
    for query in ("merchant_id={merchant}", "store_id={store}", "member_id={member}"):
        assert desk.get(f"/console/sales?{query.format(**street.neighbour)}").status == 200
        assert street.neighbour["sale"] not in desk.text


@pytest.mark.usefixtures("unchanged")
def test_a_manager_reads_of_a_member_what_the_api_tells_it(street: Street) -> None:
    """Who only bought at its shop by its word has no name, no points and no history there."""
    desk = street.desks["merchant_manager"]
    assert desk.get(f"/console/members/{street.own['member']}").status == 200
    assert street.own["number"] in desk.text
    assert "王小明" not in desk.text
    assert "积分明细" not in desk.text

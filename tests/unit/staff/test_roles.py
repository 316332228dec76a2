"""What roles may do, and who may give them."""

from __future__ import annotations

import pytest

from app.districts.rules import SCOPES
from app.staff.roles import ROLES, Role, may_give

MANAGER, ADMIN = ROLES["merchant_manager"], ROLES["alliance_admin"]


def test_a_role_holds_known_scopes_only() -> None:
    assert set().union(*(role.scopes for role in ROLES.values())) - {"*"} <= set(SCOPES)


@pytest.mark.parametrize(
    ("name", "factor", "watched"),
    [
        ("alliance_admin", True, True),
        ("alliance_operator", True, True),
        ("alliance_viewer", False, False),
        ("merchant_manager", True, True),
        ("cashier", False, False),
        ("operator", True, True),
    ],
)
def test_who_changes_much_needs_a_second_factor_and_is_signed_out_early(name: str, factor: bool, watched: bool) -> None:
    assert (ROLES[name].needs_second_factor, ROLES[name].is_watched) == (factor, watched)


def test_who_reads_a_whole_district_s_people_needs_one() -> None:
    reader = Role("reader", "district", frozenset({"members:read"}), "")
    assert reader.needs_second_factor
    assert not Role("reader", "store", frozenset({"members:read"}), "").needs_second_factor


def test_an_admin_gives_every_role_of_its_district() -> None:
    assert all(may_give({"*"}, None, role, None) for role in ROLES.values())


def test_a_manager_gives_roles_at_its_own_merchant_that_are_no_more_than_its_own() -> None:
    given = [role.name for role in ROLES.values() if may_give(MANAGER.scopes, "mer_1", role, "mer_1")]
    assert {"merchant_manager", "cashier"} <= set(given)
    assert "alliance_admin" not in given
    assert not may_give(MANAGER.scopes, "mer_1", MANAGER, "mer_2")
    assert not may_give(MANAGER.scopes, "mer_1", ROLES["cashier"], None)


def test_nobody_gives_what_it_lacks() -> None:
    for holder in ROLES.values():
        for role in ROLES.values():
            assert may_give(holder.scopes, None, role, None) == holder.covers(role.scopes)

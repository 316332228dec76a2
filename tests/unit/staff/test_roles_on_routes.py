"""Each role on every route of the API: what its scopes open, and nothing else."""

from __future__ import annotations

from unittest import mock

import pytest

from app.foundation.http import routing
from app.foundation.http.routing import ANYONE, OPERATOR, SHOPPER, STAFF, TILL, RouteSpec
from app.foundation.problems import Forbidden
from app.foundation.tenancy import OPERATOR_DISTRICT, Principal
from app.staff.roles import ROLES, Role
from tests.factories.specs import SPECS, name_of

ROUTES = [spec for spec in SPECS if spec.scope != ANYONE]


def somebody(role: Role) -> Principal:
    """A person in a role."""
    runs = role.reach == "installation"
    merchant = "mer_1" if role.reach in ("merchant", "store") else None
    place = OPERATOR_DISTRICT if runs else "dis_1"
    store = "str_1" if role.reach == "store" else None
    return Principal("operator" if runs else "staff", "acc_1", place, merchant, store, role.scopes, session_id="sts_1")


def may(role: Role, spec: RouteSpec) -> bool:
    """Whether the table of roles opens a route to a role."""
    if spec.scope in (SHOPPER, TILL):
        return False
    if spec.scope == STAFF:
        return True
    if role.reach == "installation":
        return spec.scope == OPERATOR or (spec.installation and role.covers({spec.scope}))
    return spec.scope != OPERATOR and role.covers({spec.scope}) and (role.reach == "district" or not spec.alliance_only)


def enters(role: Role, spec: RouteSpec) -> bool:
    """Whether a person in a role, who has just given its password, is let in to a route."""
    with mock.patch.object(routing, "runtime", return_value=mock.Mock(has_stepped_up=lambda principal: True)):
        try:
            routing._authorize_person(somebody(role), spec)
        except Forbidden:
            return False
    return True


@pytest.mark.parametrize("role", ROLES.values(), ids=list(ROLES))
def test_a_role_enters_where_its_scopes_lead_and_nowhere_else(role: Role) -> None:
    wrong = [name_of(spec) for spec in ROUTES if enters(role, spec) != may(role, spec)]
    assert wrong == []
    assert any(may(role, spec) for spec in ROUTES if spec.scope != STAFF)

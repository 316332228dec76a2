"""Nobody and nothing is called by blanks alone, which no list would show."""

from __future__ import annotations

import pytest

from tests.factories.districts import District, new_phone
from tests.factories.problems import check_problem


@pytest.mark.parametrize("blank", [" ", "   ", "\t\n", "\u3000\u2003"])
def test_no_name_is_blank(district: District, blank: str) -> None:
    """Members, merchants, stores, keys, tiers and rule sets; a name with blanks in it is one."""
    shop = {"merchant_id": district.shop.merchant_id, "code": "N-1"}
    bodies = {
        "/v1/members": {"phone": new_phone()},
        "/v1/merchants": {"code": "N"},
        "/v1/stores": shop,
        "/v1/api-keys": {"merchant_id": district.shop.merchant_id},
        "/v1/rule-sets": {"rules": []},
    }
    for path, body in bodies.items():
        refused = check_problem(district.api.post(path, {**body, "name": blank}, district.key), 422)
        assert ("/name", "invalid-characters") in [(one["pointer"], one["code"]) for one in refused.body["errors"]]
    made = district.api.post("/v1/members", {"phone": new_phone(), "name": f"a{blank}b"}, district.key).ok(201)
    path = f"/v1/members/{made['id']}"
    check_problem(district.api.patch(path, {"name": blank}, district.key), 422)
    assert district.api.get(path, district.key).ok(200)["name"] == f"a{blank}b"

"""Who may do what, and for whom they act."""

from __future__ import annotations

import pytest

from app.foundation.ids import is_id
from app.foundation.tenancy import OPERATOR, OPERATOR_DISTRICT, Principal, system_principal

DISTRICT, MERCHANT, STORE, KEY = "dis_" + "1" * 32, "mer_" + "2" * 32, "str_" + "3" * 32, "key_" + "4" * 32


def key(*scopes: str, merchant_id: str | None = None, store_id: str | None = None) -> Principal:
    return Principal("key", KEY, DISTRICT, merchant_id, store_id, frozenset(scopes))


@pytest.mark.parametrize(
    ("scopes", "asked", "may"),
    [
        (("transactions:write",), "transactions:write", True),
        (("transactions:write",), "transactions:read", False),
        (("transactions:write",), "transactions:backdate", False),
        (("transactions:write",), "transactions", False),
        (("*",), "keys:write", True),
        ((), "transactions:read", False),
    ],
)
def test_scopes(scopes: tuple[str, ...], asked: str, may: bool) -> None:
    assert key(*scopes).may(asked) is may


@pytest.mark.parametrize(
    ("principal", "is_alliance"),
    [
        (key("*"), True),
        (key("*", merchant_id=MERCHANT), False),
        (key("*", merchant_id=MERCHANT, store_id=STORE), False),
        (OPERATOR, False),
        (system_principal(DISTRICT), False),
    ],
    ids=["district key", "merchant key", "store key", "operator", "system"],
)
def test_who_acts_for_the_whole_district(principal: Principal, is_alliance: bool) -> None:
    assert principal.is_alliance is is_alliance


def test_the_operator_holds_no_scope_of_a_district() -> None:
    assert not OPERATOR.may("transactions:read")
    assert OPERATOR.district_id == OPERATOR_DISTRICT
    assert is_id("dis", OPERATOR_DISTRICT)
    assert is_id("key", OPERATOR.id)


def test_the_product_itself_may_do_anything_in_one_district() -> None:
    product = system_principal(DISTRICT)
    assert (product.kind, product.district_id, product.may("settlement:write")) == ("system", DISTRICT, True)


@pytest.mark.parametrize(
    ("principal", "own", "others_store", "others"),
    [
        (key("*"), True, True, True),
        (key("*", merchant_id=MERCHANT), True, True, False),
        (key("*", merchant_id=MERCHANT, store_id=STORE), True, False, False),
    ],
)
def test_for_which_shops_a_key_acts(principal: Principal, own: bool, others_store: bool, others: bool) -> None:
    assert principal.acts_for(MERCHANT, STORE) is own
    assert principal.acts_for(MERCHANT, "str_" + "5" * 32) is others_store
    assert principal.acts_for("mer_" + "6" * 32, STORE) is others

from __future__ import annotations

from demo.street import GOODS, MERCHANTS, STORES, ZONES


def test_forty_or_so_merchants_have_one_to_three_stores_each() -> None:
    assert 38 <= len(MERCHANTS) <= 45
    assert {len(merchant.stores) for merchant in MERCHANTS} == {1, 2, 3}


def test_codes_and_names_are_unique_and_stores_carry_their_merchants_code() -> None:
    for things in (MERCHANTS, STORES):
        assert len({thing.code for thing in things}) == len({thing.name for thing in things}) == len(things)
    for merchant in MERCHANTS:
        numbers = range(1, len(merchant.stores) + 1)
        assert [store.code for store in merchant.stores] == [f"{merchant.code}-{number}" for number in numbers]


def test_all_zones_are_used_and_every_category_has_goods() -> None:
    assert {store.zone for store in STORES} == set(ZONES)
    assert {merchant.category for merchant in MERCHANTS} == set(GOODS)
    assert len(GOODS) >= 14


def test_a_merchants_first_store_is_its_busiest_and_areas_are_plausible() -> None:
    for merchant in MERCHANTS:
        pulls = [store.pull for store in merchant.stores]
        assert pulls == sorted(pulls, reverse=True)
        assert all(20 <= store.area_m2 <= 5_000 for store in merchant.stores)

"""Every route, those to come too: no answer to a merchant tells of a member who hasn't shown itself there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.config import Settings
from app.members.schemas import Phone
from tests.factories.api import Api
from tests.factories.districts import new_phone, next_number
from tests.factories.points import adjust
from tests.factories.specs import body_of, name_of, path_of, places, with_value
from tests.factories.worlds import World, new_world, specs

NAME, BIRTHDAY, TAG, POINTS = "欧阳晓明", "1984-02-29", "tag-of-strangers", 45_691
SHOPS = list(specs(operator=False))


@pytest.fixture(scope="module", params=["named by phone", "not known"])
def stranger(request: pytest.FixtureRequest, app: Flask, settings: Settings) -> tuple[World, str, str]:
    """A district, and in it a member of whom the first shop has said the phone at most: id and phone."""
    world = new_world(Api.inside(app, settings.operator_key))
    phone, district = new_phone(), world.district
    member = district.member(phone, name=NAME, birthday=BIRTHDAY, tags=[TAG], key=district.key)
    district.report(key=district.other_shop.key, store_id=district.other_shop.store_id, member_id=member).ok(201)
    adjust(district, member, POINTS)
    if request.param == "named by phone":
        district.member(phone, key=district.shop.key)
        district.report(key=district.shop.key, phone=phone, amount=0).ok(201)
    return world, member, phone


def bodies(spec: Any, world: World, member: str, phone: str) -> Iterator[Any]:
    """What a shop may send to a route: the stranger named by id, and by phone wherever one is taken."""
    ids = {**world.ids, "mem": member}
    for whole in (False, True):
        body = body_of(spec, ids, whole=whole)
        yield body
        for place, field in places(spec, ids):
            if isinstance(field, Phone):
                by_phone = with_value(body, place, phone)
                head = by_phone[place[0]][0] if spec.batch else by_phone
                head.pop("member_id", None)
                if "reference" in head:
                    head["reference"] = f"S{next_number()}"
                yield by_phone


@pytest.mark.parametrize("spec", SHOPS, ids=name_of)
def test_no_route_tells_a_merchant_of_a_stranger(spec: Any, stranger: tuple[World, str, str]) -> None:
    world, member, phone = stranger
    path = path_of(spec, {**world.ids, "mem": member})
    if name_of(spec) == "GET /v1/members":
        path += f"?phone={phone}"
    for body in bodies(spec, world, member, phone):
        for key in (world.merchant_key, world.store_key):
            answer = world.district.api.call(spec.method, path, body, key=key)
            told = json.dumps(answer.body, ensure_ascii=False)
            total = world.district.balance(member)["available"]
            secrets = {NAME, BIRTHDAY, TAG, f": {total}"}
            assert not {one for one in secrets if one in told}, told

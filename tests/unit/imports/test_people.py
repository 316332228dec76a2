"""Lists of members and merchants: which column is which field, and what a row says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.imports.people import PeopleList, open_list
from merchant_sdk.tables import TableError


def opened(folder: Path, text: str, kind: str = "members", **settings: Any) -> PeopleList:
    path = folder / "list.csv"
    path.write_text(text, encoding="utf-8")
    return open_list(path, kind, settings)


def items(folder: Path, text: str, kind: str = "members", **settings: Any) -> list[Any]:
    """What each row says, or the field that is why it says nothing."""
    return [
        one.item if one.reason is None else one.reason.params.get("field")
        for one in opened(folder, text, kind, **settings).entries()
    ]


def test_columns_are_found_by_what_offices_call_them(tmp_path: Path) -> None:
    people = opened(
        tmp_path, '会员手机,姓名,出生日期,会员标签,积分余额\n13800000000,王芳,1990-05-01,老客、茶,"1,200.00"\n'
    )
    assert people.fields == {
        "phone": "会员手机",
        "name": "姓名",
        "birthday": "出生日期",
        "tags": "会员标签",
        "points": "积分余额",
    }
    assert [one.item for one in people.entries()] == [
        {"phone": "13800000000", "name": "王芳", "birthday": "1990-05-01", "tags": ["老客", "茶"], "points": 1200}
    ]


def test_what_is_said_of_columns_goes_before_their_names(tmp_path: Path) -> None:
    text = "手机,备用,编号\n13800000000,13900000000,A1\n"
    assert items(tmp_path, text, columns={"phone": "备用"}) == [{"phone": "13900000000"}]
    assert items(tmp_path, text, constants={"store_code": "A101"}) == [{"store_code": "A101", "phone": "13800000000"}]


def test_an_empty_cell_says_nothing_and_a_figure_that_is_none_is_left_to_the_schema(tmp_path: Path) -> None:
    text = "手机,积分,姓名\n13800000000,,\n13800000001,很多,李雷\n13800000002,1.5,\n"
    assert items(tmp_path, text) == [
        {"phone": "13800000000"},
        {"phone": "13800000001", "points": "很多", "name": "李雷"},
        {"phone": "13800000002", "points": "1.5"},
    ]


def test_a_shop_and_its_merchant_stand_in_one_row(tmp_path: Path) -> None:
    text = "商户编码,商户名称,业态,铺位号,楼层,面积㎡\n001,老张面馆,catering,0101,L1,80.0\n"
    [item] = items(tmp_path, text, "merchants")
    assert (item["code"], item["store_code"], item["zone"], item["area_m2"]) == ("001", "0101", "L1", 80)


@pytest.mark.parametrize(
    "settings",
    [{}, {"columns": {"phone": "没有"}}, {"columns": {"shoe_size": "姓名"}}, {"constants": {"shoe_size": "1"}}],
)
def test_a_list_that_lacks_what_it_needs_is_refused(tmp_path: Path, settings: Any) -> None:
    with pytest.raises(TableError):
        opened(tmp_path, "姓名,城市\n王芳,杭州\n", **settings)

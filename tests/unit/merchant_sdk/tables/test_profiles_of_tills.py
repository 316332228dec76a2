"""Exports of tills and back offices in the forms that public programs read (named in `profiles`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from merchant_sdk._tables.layouts import REFUNDS
from merchant_sdk._tables.words import TableError
from tests.factories.tables import items, left_out, lines, plan, refused, sent, text_plan

ORDERS = [
    "门店",
    "机构编码",
    "营业日期",
    "订单号",
    "经营模式",
    "订单来源",
    "用餐方式",
    "下单时间",
    "结账时间",
    "退单时间",
    "取餐号",
    "桌牌号",
    "全渠道流水号",
    "桌台区域",
    "用餐人数",
    "订单金额（元）",
    "顾客应付（元）",
    "支付合计（元）",
    "订单优惠（元）",
    "订单收入（元）",
    "结账方式",
    "订单状态",
    "退单标识",
    "菜品收入（元）",
    "预定用餐时间",
    "会员",
    "整单备注",
]
DISHES = [
    "门店",
    "机构编码",
    "订单编号",
    "取餐号",
    "桌牌号",
    "菜品编码",
    "菜品名称",
    "规格",
    "销售数量",
    "单位",
    "金额合计（元）",
    "菜品收入（元）",
]
PAYMENTS = [
    "门店",
    "机构编码",
    "订单编号",
    "支付方式",
    "支付金额（元）",
    "支付优惠（元）",
    "收入（元）",
    "支付时间",
    "是否退款",
    "状态",
    "流水号",
]
ALL_ORDERS = [
    "省份",
    "城市",
    "门店名称",
    "营业日期",
    "餐段",
    "订单号",
    "原单号",
    "外卖订单号",
    "全渠道流水号",
    "取餐号",
    "桌牌号",
    "桌台区域",
    "订单金额",
    "顾客实付",
    "订单收入",
    "订单优惠",
    "订单来源",
    "订单子来源",
    "经营模式",
    "用餐方式",
    "宴会类型",
    "订单状态",
    "退单标识",
    "下单员",
    "收银员",
    "销售员",
    "创建时间",
    "完成时间",
    "接单时间",
    "下单制作时间",
    "预定用餐时间",
    "订单备注",
    "桌台备注",
    "用餐人数",
    "席数",
    "是否会员",
    "会员姓名",
    "会员卡号",
    "会员手机号",
    "发票",
    "菜品金额",
    "菜品收入",
    "退单时间",
    "取消时间",
    "外卖订单已退金额",
    "敏感操作",
    "结账方式",
]
YOUZAN = [
    "订单号",
    "销售渠道",
    "归属店铺",
    "订单类型",
    "订单状态",
    "推广方式",
    "订单来源",
    "订单创建时间",
    "买家付款时间",
    "交易成功时间",
    "付款方式",
    "支付流水号",
    "商品金额合计",
    "运费",
    "店铺优惠合计",
    "应收订单金额",
    "订单实付金额",
    "支付优惠合计",
    "订单实收金额",
    "订单抵用积分数",
    "店铺优惠方式",
    "支付优惠方式",
    "全部商品名称",
    "商品种类数",
    "订单配送方式",
    "收货人/提货人",
    "收货人手机号/提货人手机号",
    "买家备注",
    "买家昵称",
    "买家是否会员",
    "买家手机号",
    "下单网点",
    "收银员",
    "分销员",
    "订单退款状态",
    "订单已退款金额",
    "商家订单备注",
    "分销员",
]
POSPAL = [
    "流水号",
    "日期",
    "类型",
    "收银员",
    "会员",
    "导购员",
    "商品信息",
    "实收金额",
    "次卡支付",
    "储值卡支付",
    "储值本金支付",
    "储值赠送支付",
    "现金支付",
]
TPLUS = [
    "单据日期",
    "单据编号",
    "客户",
    "部门",
    "存货编码",
    "存货",
    "规格型号",
    "计量单位",
    "数量",
    "报价",
    "折扣%",
    "单价",
    "金额",
    "含税单价",
    "含税金额",
    "税额",
]


def row(names: Sequence[str], **cells: Any) -> list[Any]:
    """A row with these cells; the other ones say `--`, as this till writes what there isn't."""
    assert cells.keys() <= set(names)
    return [cells.get(name, "--") for name in names]


def order(number: int, **more: Any) -> list[Any]:
    said = {
        "门店": "湖滨店",
        "机构编码": "MD00007",
        "营业日期": "2026/11/20",
        "订单号": f"20261120000{number}",
        "用餐方式": "堂食",
    }
    said |= {"下单时间": "2026/11/20 11:30:00", "结账时间": f"2026/11/20 12:0{number}:33", "订单金额（元）": 130.5}
    said |= {
        "顾客应付（元）": 120.5,
        "支付合计（元）": 120.5,
        "订单收入（元）": 110,
        "结账方式": "微信",
        "退单标识": "否",
    }
    return row(ORDERS, **{**said, "订单状态": "已结账", **more})


def save(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for cells in rows:
            sheet.append(cells)
    book.save(path)
    return path


@pytest.fixture
def meituan(tmp_path: Path) -> Path:
    title, asked = ["店内订单明细"], ["营业日期：2026/11/20~2026/11/20 门店：全部"]
    sums = row(ORDERS, 门店="合计", **{"订单金额（元）": 261, "顾客应付（元）": 241, "支付合计（元）": 241})
    paid = [
        "湖滨店",
        "MD00007",
        "202611200001",
        "微信",
        120.5,
        0,
        120.5,
        "2026/11/20 12:01:33",
        "否",
        "成功",
        "42000001",
    ]
    return save(
        tmp_path / "店内订单明细.xlsx",
        {
            "订单明细": [
                title,
                asked,
                ORDERS,
                order(1),
                order(2),
                order(3, 退单标识="是"),
                order(4, 订单状态="未结账"),
                sums,
            ],
            "菜品明细": [title, asked, DISHES, row(DISHES, 订单编号="202611200001", 菜品名称="面")],
            "支付明细": [title, asked, PAYMENTS, paid],
        },
    )


def test_orders_of_meituan_s_till_are_read_from_their_own_sheet(meituan: Path) -> None:
    made = plan(meituan)
    assert items(made) == [
        {
            "reference": f"20261120000{number}",
            "amount": 12050,
            "occurred_at": datetime(2026, 11, 20, 4, number, 33, tzinfo=UTC),
            "payment_method": "wechat",
        }
        for number in (1, 2)
    ]
    assert [(number, why.split(" (")[0].split(":")[0]) for number, why in refused(made)] == [
        (6, "neither sale nor refund"),
        (7, "订单状态"),
    ]
    assert left_out(made) == [8]
    assert list(made.notes("en")) == [
        "read as a bill of meituan",
        "sheets that are not read: 菜品明细, 支付明细",
    ]


def test_orders_of_a_single_shop_and_what_was_paid_instead_of_owed(tmp_path: Path) -> None:
    path = save(tmp_path / "orders.xlsx", {"订单明细": [["店内订单明细"], ["x"], ORDERS[2:], order(1)[2:]]})
    assert sent(plan(path, profile="meituan")) == {"202611200001": 12050}
    assert sent(plan(path, given={"订单金额（元）": "amount"})) == {"202611200001": 13050}


def all_orders(number: int, **more: Any) -> list[Any]:
    said = {
        "门店名称": "湖滨店",
        "营业日期": "2026/11/20",
        "订单号": f"20261120000{number}",
        "订单金额": 130.5,
        "订单收入": 110,
    }
    said |= {
        "顾客实付": 120.5,
        "创建时间": "2026/11/20 11:30:00",
        "完成时间": f"2026/11/20 12:0{number}:33",
        "退单标识": "否",
    }
    return row(ALL_ORDERS, **{**said, "订单状态": "已完成", "结账方式": "支付宝", **more})


def test_orders_of_all_channels_and_what_was_given_back_of_them(tmp_path: Path) -> None:
    path = save(
        tmp_path / "全渠道订单明细.xlsx",
        {
            "全渠道订单明细": [
                ["全渠道订单明细"],
                ["营业日期：2026/11/20"],
                ALL_ORDERS,
                all_orders(1, 会员手机号="13800000000", 敏感操作="改价"),
                all_orders(2, 敏感操作="退菜,整单退"),
                all_orders(3, 外卖订单已退金额=5),
                all_orders(4, 外卖订单已退金额=0),
                all_orders(5, 会员手机号="138****0000"),
            ]
        },
    )
    made = plan(path)
    assert [(item["reference"][-1], item.get("phone"), item["payment_method"]) for item in items(made)] == [
        ("1", "13800000000", "alipay"),
        ("4", None, "alipay"),
    ]
    assert [number for number, _ in refused(made)] == [5, 6, 8]


def test_rows_of_several_shops_are_not_reported_for_one(tmp_path: Path) -> None:
    rows = [["x"], ["y"], ALL_ORDERS, all_orders(1), all_orders(2, 门店名称="河坊店"), all_orders(3)]
    path = save(tmp_path / "orders.xlsx", {"全渠道订单明细": rows})
    with pytest.raises(TableError, match=r"several shops \(门店名称: 河坊店, 湖滨店\)"):
        plan(path)
    made = plan(path, ignore=["门店名称=河坊店"])
    assert (sent(made).keys(), left_out(made)) == ({"202611200001", "202611200003"}, [5])
    assert [item["store_code"] for item in items(plan(path, given={"门店名称": "store_code"}))] == [
        "湖滨店",
        "河坊店",
        "湖滨店",
    ]


def trade(number: int, **more: str) -> str:
    said = {"订单号": f"E2026112010000{number}", "归属店铺": "湖滨店", "订单类型": "普通订单", "订单状态": "交易完成"}
    said |= {
        "订单创建时间": "2026-11-20 10:00:00",
        "买家付款时间": f"2026-11-20 10:0{number}:00",
        "付款方式": "微信支付",
    }
    said |= {"商品金额合计": "120.00", "店铺优惠合计": "20.00", "应收订单金额": "100.00", "订单实付金额": "100.00"}
    said |= {
        "订单实收金额": "98.00",
        "全部商品名称": "草莓蛋糕",
        "商品种类数": "1",
        "收货人手机号/提货人手机号": "13900000000",
    }
    said |= {"买家手机号": "13800000000", "订单已退款金额": "0.00", **more}
    return ",".join(said.get(name, "") for name in YOUZAN) + ",\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_orders_of_youzan_are_the_buyer_s_and_what_the_buyer_paid(tmp_path: Path, encoding: str) -> None:
    text = (
        ",".join(YOUZAN)
        + "\n"
        + trade(1)
        + trade(2, 订单状态="待付款", 买家付款时间="")
        + trade(3, 订单状态="交易关闭")
    )
    text += trade(4, 订单退款状态="退款成功（部分退款）", 订单已退款金额="5.00") + trade(5, 订单已退款金额="5.00")
    text += (
        trade(6, 订单退款状态="退款中") + trade(7, 订单退款状态="退款成功（全额退款）") + trade(8, 订单状态="待成团")
    )
    made = text_plan(tmp_path / "orders.csv", text, encoding=encoding)
    assert items(made) == [
        {
            "reference": "E20261120100001",
            "amount": 10000,
            "occurred_at": datetime(2026, 11, 20, 2, 1, tzinfo=UTC),
            "phone": "13800000000",
            "payment_method": "wechat",
        }
    ]
    assert [number for number, _ in refused(made)] == [3, 4, 5, 6, 7, 8, 9]
    assert list(made.notes("zh")) == ["按 youzan 账单读取"]
    with pytest.raises(TableError, match="no column for"):
        plan(tmp_path / "orders.csv", REFUNDS)


def ticket(number: int, kind: str, member: str, amount: str = "100") -> tuple[str, ...]:
    said = (f"20261120{number:04}", f"2026-11-20 10:0{number}:00", kind, "小王", member, "", "茶*1", amount)
    return (*said, "0", "0", "0", "0", amount)


def test_tickets_of_pospal_name_a_member_with_the_number_in_brackets(tmp_path: Path) -> None:
    rows = [
        ticket(1, "销售", "张三（13800138000）"),
        ticket(2, "销售", "-"),
        ticket(3, "销售", "李四(13900139000)"),
        ticket(4, "退款", "张三（13800138000）", "50"),
        ticket(5, "退货", "-", "-50"),
        ticket(6, "充值", "-"),
    ]
    made = text_plan(tmp_path / "tickets.csv", lines(POSPAL, *rows), encoding="utf-8-sig")
    assert [(item["reference"], item.get("phone")) for item in items(made)] == [
        ("202611200001", "13800138000"),
        ("202611200002", None),
        ("202611200003", "13900139000"),
    ]
    assert [(number, why.split(":")[0]) for number, why in refused(made)] == [
        (5, "a refund (类型"),
        (6, "a refund (类型"),
        (7, "类型"),
    ]
    assert list(made.notes("en")) == ["read as a bill of pospal"]


def goods(number: str, name: str, quantity: float, whole: float) -> list[Any]:
    said = {
        "单据日期": "2026-11-20",
        "单据编号": number,
        "客户": "零售客户",
        "存货编码": "01",
        "存货": name,
        "数量": quantity,
    }
    return ["", *row(TPLUS, **said, 金额=round(whole / 1.13, 2), 含税金额=whole)]


def test_goods_of_t_plus_are_added_up_with_tax_at_the_time_that_is_said(tmp_path: Path) -> None:
    rows = [["", "销货单明细表"], ["", "单据日期：2026-11-01~2026-11-30"], ["", *TPLUS]]
    rows += [goods("SA-2026-11-0001", "茶", 2, 22.6), goods("SA-2026-11-0001", "糖", 1, 11.3)]
    rows += [
        goods("SA-2026-11-0002", "面", 1, 5),
        ["", "合计", "", "", "", "", "", "", "", 4, "", "", "", 34.42, "", 38.9],
    ]
    path = save(tmp_path / "销货单明细表.xlsx", {"第一页": rows})
    assert sent(plan(path, is_summing=True)) == {}
    assert {why.rpartition("; ")[2] for _, why in refused(plan(path, is_summing=True))} >= {
        "say which time it shall be with --at 12:00"
    }
    made = plan(path, is_summing=True, at=time(18))
    assert sent(made) == {"SA-2026-11-0001": 3390, "SA-2026-11-0002": 500}
    assert items(made)[0]["occurred_at"] == datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert items(made)[0]["items"] == [
        {"name": "茶", "sku": "01", "quantity": 2, "amount": 2260},
        {"name": "糖", "sku": "01", "quantity": 1, "amount": 1130},
    ]
    assert (refused(made), left_out(made)) == ([], [7])
    assert sent(plan(path, at=time(18))) == {"SA-2026-11-0002": 500}


def test_columns_that_somebody_has_added_to_a_bill_are_looked_at(tmp_path: Path) -> None:
    rows = [
        (*ticket(1, "销售", "-"), "", ""),
        (*ticket(2, "销售", "-"), "是", ""),
        (*ticket(3, "销售", "-"), "否", "作废"),
        (*ticket(4, "销售", "-"), "", "少糖"),
    ]
    made = text_plan(tmp_path / "tickets.csv", lines([*POSPAL, "是否测试", "备注"], *rows))
    assert (sent(made).keys(), [number for number, _ in refused(made)]) == ({"202611200001", "202611200004"}, [3, 4])


def test_an_order_that_was_opened_again_is_asked_about(tmp_path: Path) -> None:
    rows = [all_orders(1), all_orders(2, 原单号="202611200001"), all_orders(3, 取消时间="2026/11/20 12:30:00")]
    path = save(tmp_path / "orders.xlsx", {"全渠道订单明细": [["x"], ["y"], ALL_ORDERS, *rows]})
    assert sent(plan(path)).keys() == {"202611200001"}
    assert sent(plan(path, ignore=["原单号", "取消时间"])).keys() == {"202611200001", "202611200002", "202611200003"}

"""Bills in the forms that the payment companies publish; see merchant_sdk/_tables/profiles.py for where."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from merchant_sdk._tables.headers import missing_groups
from merchant_sdk._tables.layouts import REFUNDS, SALES, Layout
from merchant_sdk._tables.profiles import PROFILES, Profile
from merchant_sdk._tables.words import TableError
from tests.factories.tables import items, left_out, plan, refused, sent, text_plan

WECHAT_ALL = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,"
    "代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
WECHAT_SUCCESS = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,"
    "代金券金额,商品名称,商户数据包,手续费,费率,订单金额,费率备注"
)
WECHAT_SUMS = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
WX, MCH, USER = "wxab8acb865bb11234", "1900000109", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"


def marked(*cells: str) -> str:
    return ",".join(f"`{cell}" for cell in cells)


def paid(number: int, amount: str) -> str:
    order = f"42000009252021012849977142{number:02d}"
    head = ("2026-11-20 10:00:00", WX, MCH, "0", "", order, f"S{number}", USER, "MICROPAY", "SUCCESS", "OTHERS", "CNY")
    return marked(
        *head, amount, "0.00", "0", "0", "0.00", "0.00", "", "", "茶叶", "", "0.06000", "0.60%", amount, "0.00", ""
    )


def given_back(number: int, amount: str, state: str = "REFUND") -> str:
    order = f"42000009252021012849977142{number:02d}"
    head = ("2026-11-20 11:00:00", WX, MCH, "0", "", order, f"S{number}", USER, "MICROPAY", state, "OTHERS", "CNY")
    back = ("0.00", "0.00", f"5030000{number}", f"RF{number}", amount, "0.00", "ORIGINAL", "SUCCESS")
    return marked(*head, *back, "茶叶", "", "-0.06000", "0.60%", "0.00", amount, "")


WECHAT = "\r\n".join(
    [
        WECHAT_ALL,
        paid(1, "12.80"),
        paid(2, "100.00"),
        given_back(1, "2.80"),
        WECHAT_SUMS,
        marked("3", *["0.00"] * 6),
        "",
    ]
)
ALIPAY_NAMES = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,"
    "集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
)


def alipay(number: int, kind: str, amount: str, request: str = "") -> str:
    day = "2026-11-20 10:00:00,2026-11-20 10:00:30"
    zeros = ",".join(["0.00"] * 5)
    return (
        f"20261120220014000000000000{number:02d}\t,S{number}\t,{kind},茶叶,{day},,,,,buy***@example.com,{amount},{amount},{zeros},,0.00,0.00,"
        f"{request},-0.12,0.00,"
    )


ALIPAY = "\r\n".join(
    [
        "#支付宝业务明细查询",
        "#账号：[20880000000000000156]",
        "#起始日期：[2026年11月20日 00:00:00]   终止日期：[2026年11月21日 00:00:00]",
        "#-----------------------------------------业务明细列表----------------------------------------",
        ALIPAY_NAMES,
        alipay(1, "交易", "12.80"),
        alipay(2, "交易", "100.00"),
        alipay(1, "退款", "-2.80", "RF1\t"),
        "#-----------------------------------------业务明细列表结束------------------------------------",
        "#交易合计：2笔，商家实收共112.80元，商家优惠共0.00元",
        "#退款合计：1笔，商家实收退款共2.80元，商家优惠退款共0.00元",
        "#导出时间：[2026年11月21日 09:00:00]",
        "",
    ]
)
BILLS = {"wechat-pay": WECHAT, "alipay": ALIPAY}


@pytest.mark.parametrize("name", BILLS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("is_named", [True, False])
def test_a_bill_is_read_as_it_is(tmp_path: Path, name: str, encoding: str, is_named: bool) -> None:
    profile = name if is_named else None
    made = text_plan(tmp_path / "bill.csv", BILLS[name], encoding=encoding, profile=profile)
    assert (sent(made), refused(made)) == ({"S1": 1280, "S2": 10000}, [])
    assert list(made.notes("en")) == [f"read as a bill of {name}"]
    back = plan(tmp_path / "bill.csv", REFUNDS, profile=profile)
    assert (sent(back), refused(back)) == ({"RF1": 280}, [])
    assert [item["transaction_reference"] for item in items(back)] == ["S1"]


def test_what_is_taken_from_a_bill_of_wechat_pay(tmp_path: Path) -> None:
    made = text_plan(tmp_path / "bill.csv", WECHAT)
    assert items(made)[0] == {
        "reference": "S1",
        "payment_reference": "4200000925202101284997714201",
        "payment_method": "wechat",
        "amount": 1280,
        "currency": "CNY",
        "occurred_at": datetime(2026, 11, 20, 2, tzinfo=UTC),
    }
    assert left_out(made) == [4, 5, 6]


def test_what_is_taken_from_a_bill_of_alipay(tmp_path: Path) -> None:
    made = text_plan(tmp_path / "bill.csv", ALIPAY, encoding="gb18030")
    assert items(made)[0] == {
        "reference": "S1",
        "payment_reference": "2026112022001400000000000001",
        "payment_method": "alipay",
        "amount": 1280,
        "occurred_at": datetime(2026, 11, 20, 2, 0, 30, tzinfo=UTC),
    }


def test_the_bill_of_payments_alone_and_the_older_form(tmp_path: Path) -> None:
    head = (
        "2026-11-20 10:00:00",
        WX,
        MCH,
        "0",
        "",
        "4200000925202101284997714201",
        "S1",
        USER,
        "JSAPI",
        "SUCCESS",
        "OTHERS",
        "CNY",
    )
    row = marked(*head, "12.80", "0.00", "茶叶", "", "0.06000", "0.60%", "12.80", "")
    assert sent(text_plan(tmp_path / "bill.csv", f"{WECHAT_SUCCESS}\n{row}\n")) == {"S1": 1280}
    older = (
        WECHAT_SUCCESS.replace("特约商户号", "子商户号")
        .replace("应结订单金额,代金券金额", "总金额,企业红包金额")
        .replace(",订单金额,费率备注", "")
    )
    row = marked(*head, "12.80", "0.00", "茶叶", "", "0.06000", "0.60%")
    assert sent(text_plan(tmp_path / "bill.csv", f"{older}\n{row}\n")) == {"S1": 1280}


def test_what_a_bill_says_in_unknown_words_is_refused(tmp_path: Path) -> None:
    made = text_plan(
        tmp_path / "bill.csv",
        "\n".join([WECHAT_ALL, given_back(1, "1", "REVOKED"), given_back(2, "1", "REFUNDING"), ""]),
    )
    assert sent(made) == {}
    assert [why.split(" (")[0].split(":")[0] for _, why in refused(made)] == ["neither sale nor refund", "交易状态"]


def test_two_bills_one_below_the_other(tmp_path: Path) -> None:
    second = "\r\n".join([WECHAT_ALL, paid(3, "3.00"), WECHAT_SUMS, marked("1", *["0.00"] * 6), ""])
    assert sent(text_plan(tmp_path / "bill.csv", WECHAT + second)) == {"S1": 1280, "S2": 10000, "S3": 300}


def test_a_profile_has_to_fit_and_may_be_refused(tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    path.write_text("流水号,金额,时间\nA,1,2026-11-20 10:00\n", encoding="utf-8")
    with pytest.raises(TableError, match="no alipay bill: it lacks the columns"):
        plan(path, profile="alipay")
    path.write_text(ALIPAY, encoding="utf-8")
    made = plan(path, profile="none")
    assert (made.columns.profile, sent(made)) == (None, {"S1": 1280, "S2": 10000})
    assert "payment_method" not in items(made)[0]


PERSONAL = "\n".join(
    [
        "微信支付账单明细,,,,,,,,,,",
        "起始时间：[2026-11-01 00:00:00] 终止时间：[2026-11-30 23:59:59],,,,,,,,,,",
        "共6笔记录,,,,,,,,,,",
        "----------------------微信支付账单明细列表--------------------,,,,,,,,,,",
        "交易时间,交易类型,交易对方,商品,收/支,金额(元),支付方式,当前状态,交易单号,商户单号,备注",
        '2026-11-20 10:00:00,二维码收款,张三,"收款方备注:二维码收款",收入,¥12.80,/,已收钱,1000039901202611200000000001\t,/,"/"',
        '2026-11-20 10:01:00,商户消费,茶厂,"茶叶",支出,¥23.50,零钱,支付成功,4200001234202611200000000002\t,A1\t,"/"',
        '2026-11-20 10:02:00,零钱提现,银行,"/",/,¥50.00,零钱,提现已到账,1000050001202611200000000003\t,/,"/"',
        '2026-11-20 10:03:00,转账,李四,"转账备注:茶",收入,¥100.00,/,已存入零钱,1000039901202611200000000004\t,/,"/"',
        '2026-11-20 10:04:00,二维码收款,王五,"/",收入,¥9.00,/,已退款(￥1.00),1000039901202611200000000005\t,/,"/"',
        '2026-11-20 10:05:00,二维码收款,王五,"/",收入,¥9.00,/,已全额退款,1000039901202611200000000006\t,/,"/"',
        "",
    ]
)


def test_of_a_personal_bill_only_what_came_by_the_shop_s_code_is_a_sale(tmp_path: Path) -> None:
    made = text_plan(tmp_path / "bill.csv", PERSONAL, encoding="utf-8-sig")
    assert sent(made) == {"1000039901202611200000000001": 1280}
    assert left_out(made) == [7, 8]
    assert [number for number, _ in refused(made)] == [9, 10, 11]
    assert sent(plan(tmp_path / "bill.csv", ignore=["交易类型"])).keys() == {
        "1000039901202611200000000001",
        "1000039901202611200000000004",
    }
    with pytest.raises(TableError, match="no column for reference"):
        plan(tmp_path / "bill.csv", REFUNDS)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=list(PROFILES))
@pytest.mark.parametrize("layout", [SALES, REFUNDS])
def test_profiles_name_fields_that_there_are_and_all_that_are_needed(profile: Profile, layout: Layout) -> None:
    fields = profile.fields[layout.title]
    assert fields.keys() <= layout.aliases.keys() | layout.parts.keys()
    assert not fields or not missing_groups(set(fields), layout, is_now=False)
    assert profile.constants.get(layout.title, {}).keys() <= layout.aliases.keys()


@pytest.mark.parametrize(
    ("old", "new", "is_fine"),
    [
        ("SUCCESS,`茶", "SUCCESS,`茶", True),
        ("SUCCESS,`茶", "PROCESSING,`茶", False),
        ("SUCCESS,`茶", "FAIL,`茶", False),
        ("`CNY", "`USD", False),
        ("`CNY", "`", True),
    ],
)
def test_a_refund_that_has_not_come_about_or_is_of_other_money_is_asked_about(
    tmp_path: Path, old: str, new: str, *, is_fine: bool
) -> None:
    bill = "\n".join((WECHAT_ALL, given_back(1, "2.80").replace(old, new)))
    made = text_plan(tmp_path / "bill.csv", bill + "\n", REFUNDS)
    assert (sent(made), len(refused(made))) == (({"RF1": 280}, 0) if is_fine else ({}, 1))

"""Tables are read, shown, recorded row by row, and taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from app.imports import recording, rules, working
from app.imports.tasks import _ask_in_district, forget_old_imports, work_on
from tests.factories.books import broken
from tests.factories.clock import now
from tests.factories.districts import District, new_phone
from tests.factories.imports import HEAD, act, csv_of, figures, imported, read, sales_of, send
from tests.factories.members import find

pytestmark = pytest.mark.usefixtures("context")
AT = f"{now() - timedelta(days=1):%Y-%m-%d 12:00:00}"


def sales_in(district: District) -> list[Any]:
    return list(district.api.get("/v1/transactions?limit=100", district.key).ok(200)["data"])


def refused_file(district: District, import_id: str) -> list[str]:
    reply = district.api.call("GET", f"/v1/imports/{import_id}/refused", key=district.key)
    return reply.ok(200).encode("latin-1").decode("utf-8-sig").splitlines()


def test_sales_are_recorded_and_rows_that_are_none_come_back_with_the_reason(district: District) -> None:
    phone, code = new_phone(), district.shop.store_code
    member = district.member(phone)
    rows = [("A1", "128.00", AT, phone, code), ("A2", "-5", AT, "", code), ("A3", "1.5", AT, "", "nowhere")]
    made = send(district, csv_of(HEAD, *rows), file_name="八月.csv").ok(202)
    assert (made["status"], made["progress"], made["file_name"]) == ("queued", {"done": 0, "total": 0}, "八月.csv")
    work_on(district.id, made["id"])
    done = read(district, made["id"])
    assert (done["status"], figures(done), done["progress"]) == ("done", (1, 0, 2, 0), {"done": 3, "total": 3})
    assert done["fields"]["amount"] == "实收金额"
    [sale] = sales_in(district)
    assert (sale["reference"], sale["member_id"], sale["points_earned"]) == ("A1", member, 128)
    assert [(one["number"], one["status"], one["made_id"]) for one in done["preview"]] == [
        (2, "recorded", sale["id"]),
        (3, "refused", None),
        (4, "refused", None),
    ]
    heading, below_zero, unknown = refused_file(district, made["id"])
    assert heading == ",".join((*HEAD, "原因"))
    assert below_zero.startswith("A2,'-5,")
    assert "“交易与退款在一张表里”" in below_zero
    assert "--" not in below_zero
    assert "nowhere" in unknown
    assert broken(district.id) == {}


def test_what_was_reported_before_is_known_and_a_file_that_comes_again_counts_once(district: District) -> None:
    content = sales_of(district, ["A1", "A2", "A3"])
    assert figures(imported(district, content)) == (3, 0, 0, 0)
    assert figures(imported(district, content)) == (0, 3, 0, 0)
    assert len(sales_in(district)) == 3


def test_it_waits_to_be_looked_at_and_is_read_anew_as_it_is_told(district: District) -> None:
    phone = new_phone()
    content = csv_of(("票据", "钱款", "时间", "电话"), ("A1", "12.8", AT, phone))
    made = imported(district, content, start="false", source="till")
    assert (made["status"], made["flaw"]["code"], made["preview"]) == ("failed", "missing", [])
    settings = {
        "columns": {"reference": "票据", "amount": "钱款"},
        "constants": {"store_code": district.shop.store_code},
    }
    told = district.api.patch(f"/v1/imports/{made['id']}", settings, district.key).ok(202)
    assert told["status"] == "queued"
    work_on(district.id, made["id"])
    ready = read(district, made["id"])
    assert (ready["status"], ready["progress"]) == ("ready", {"done": 0, "total": 1})
    [row] = ready["preview"]
    assert (row["item"]["amount"], row["item"]["phone"]) == (1280, f"{phone[:3]}****{phone[-4:]}")
    assert sales_in(district) == []
    assert act(district, made["id"], "start").ok(202)["status"] == "running"
    work_on(district.id, made["id"])
    assert figures(read(district, made["id"])) == (1, 0, 0, 0)
    assert act(district, made["id"], "start").ok(202)["status"] == "done", "again it is the same"
    next_one = imported(district, csv_of(("票据", "钱款", "时间"), ("B1", "1", AT)), source="till")
    assert (figures(next_one), next_one["settings"]["columns"]) == ((1, 0, 0, 0), settings["columns"]), "remembered"


def test_an_import_is_taken_back_by_refunds_of_what_is_left(district: District) -> None:
    phone = new_phone()
    member = district.member(phone)
    made = imported(district, sales_of(district, ["A1", "A2", "A3"], phone=phone))
    refund = {"transaction_reference": "A1", "merchant_id": district.shop.merchant_id, "reference": "R1", "amount": 800}
    district.api.post("/v1/refunds", refund, district.key).ok(201)
    known = imported(district, sales_of(district, ["A3", "A4"], phone=phone))
    assert act(district, known["id"], "undo").ok(202)["status"] == "undoing"
    work_on(district.id, known["id"])
    assert (read(district, known["id"])["status"], read(district, known["id"])["undone"]) == ("undone", 1)
    assert {one["reference"]: one["status"] for one in sales_in(district)} == {
        "A1": "partially_refunded",
        "A2": "recorded",
        "A3": "recorded",
        "A4": "refunded",
    }
    act(district, made["id"], "undo").ok(202)
    work_on(district.id, made["id"])
    assert {one["status"] for one in sales_in(district)} == {"refunded"}
    assert district.balance(member)["available"] == 0
    assert act(district, made["id"], "undo").ok(202)["status"] == "undone"
    assert broken(district.id) == {}


def test_refunds_of_sales_that_are_there(district: District) -> None:
    imported(district, sales_of(district, ["A1"]))
    head = ("退款单号", "原单号", "退款金额", "退款时间")
    settings = {"constants": {"merchant_id": district.shop.merchant_id}}
    rows = [("R1", "A1", "28.00", AT), ("R2", "A9", "1.00", AT)]
    made = imported(district, csv_of(head, *rows), "refunds", settings=settings)
    assert (figures(made), made["can_be_undone"]) == ((1, 0, 1, 0), False)
    assert sales_in(district)[0]["status"] == "partially_refunded"
    assert act(district, made["id"], "undo").code == "import-state"


def test_members_bring_points_at_the_cost_of_who_is_named(district: District) -> None:
    old, new, spender = new_phone(), new_phone(), new_phone()
    district.member(old)
    head = ("会员手机", "姓名", "生日", "标签", "积分余额", "门店")
    rows = [
        (old, "王芳", "1990-05-01", "老会员、茶", "500", district.shop.store_code),
        (new, "李雷", "", "", "1200", ""),
        (spender, "", "", "", "100", ""),
        ("123", "", "", "", "5", ""),
    ]
    settings = {"merchant_id": district.shop.merchant_id}
    made = imported(district, csv_of(head, *rows), "members", source="旧系统", settings=settings)
    assert (made["status"], figures(made)) == ("done", (3, 0, 1, 0))
    [member] = find(district, new)
    assert district.balance(member)["available"] == 1200
    export = district.api.get(f"/v1/members/{member}/export", district.key).ok(200)
    [adjustment] = export["adjustments"]
    assert (adjustment["points"], adjustment["merchant_id"]) == (1200, district.shop.merchant_id)
    again = imported(district, csv_of(head, *rows), "members", source="旧系统", settings=settings)
    assert figures(again) == (0, 3, 1, 0), "who has brought once brings no more"
    assert district.balance(member)["available"] == 1200
    [spending] = find(district, spender)
    district.report(member_id=spending, points_to_spend=60).ok(201)
    act(district, made["id"], "undo").ok(202)
    work_on(district.id, made["id"])
    undone = read(district, made["id"])
    assert (undone["status"], undone["undone"]) == ("undone", 3)
    assert [district.balance(one)["available"] for one in (member, spending)] == [0, 67], "what is spendable goes"
    assert figures(imported(district, csv_of(head, *rows), "members", source="旧系统", settings=settings))[0] == 3
    assert broken(district.id) == {}


def test_merchants_and_their_stores_stand_in_one_list(district: District) -> None:
    head = ("商户编码", "商户名称", "业态", "门店编码", "门店名称", "楼层", "面积")
    rows = [
        ("C301", "三味书屋", "books", "C301-1", "一楼店", "L1", "80"),
        ("C301", "三味书屋", "books", "C301-2", "二楼店", "L2", "60"),
        ("A101", "店 A101", "", "A101-1", "", "", ""),
        ("D1", "冒名", "", "A101-1", "", "", ""),
        ("D2", "大店", "", "D2-1", "", "", "很大"),
    ]
    made = imported(district, csv_of(head, *rows), "merchants")
    assert (made["status"], figures(made)) == ("done", (2, 1, 2, 0))
    stores = district.api.get("/v1/stores?limit=100", district.key).ok(200)["data"]
    assert {one["code"]: (one["zone"], one["area_m2"]) for one in stores if one["code"].startswith("C")} == {
        "C301-1": ("L1", 80),
        "C301-2": ("L2", 60),
    }
    created = district.api.get("/v1/audit-entries?action=store.created&limit=2", district.key).ok(200)["data"]
    assert all(one["actor"]["kind"] == "key" for one in created)
    district.report(store_id=next(one["id"] for one in stores if one["code"] == "C301-2")).ok(201)


def test_a_job_that_dies_in_the_middle_loses_and_doubles_nothing(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "ROWS_A_SET", 3)
    made = send(district, sales_of(district, [f"A{n}" for n in range(10)])).ok(202)
    sets = []

    def dies(*arguments: Any) -> Any:
        sets.append(recording.record_sales(*arguments))
        if len(sets) == 3:
            raise KeyboardInterrupt
        return sets[-1]

    monkeypatch.setattr(working, "RECORDERS", {**recording.RECORDERS, "sales": dies})
    with pytest.raises(KeyboardInterrupt):
        work_on(district.id, made["id"])
    halfway = read(district, made["id"])
    assert (halfway["status"], halfway["recorded"], len(sales_in(district))) == ("running", 6, 6)
    assert _ask_in_district(district.id) == 0, "its job may still live"
    work_on(district.id, made["id"])
    assert figures(read(district, made["id"])) == (10, 0, 0, 0)
    assert len(sales_in(district)) == 10
    act(district, made["id"], "undo").ok(202)
    work_on(district.id, made["id"])
    assert read(district, made["id"])["undone"] == 10


def test_a_cancelled_import_stops_and_keeps_what_it_has(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working, "ROWS_A_SET", 3)
    made = send(district, sales_of(district, [f"A{n}" for n in range(9)])).ok(202)

    assert working._read_if_queued(district.id, made["id"]) == "running"
    assert working._next_set(district.id, made["id"], "running") == "running"
    assert act(district, made["id"], "cancel").ok(200)["status"] == "cancelled"
    work_on(district.id, made["id"])
    assert (read(district, made["id"])["recorded"], len(sales_in(district))) == (3, 3)
    assert act(district, made["id"], "start").code == "import-state"


def test_rows_are_kept_sealed_and_go_after_thirty_days(
    district: District, superuser: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = new_phone()
    made = imported(district, csv_of(HEAD, ("A1", "x", AT, phone, "")), start="false")
    kept = superuser.execute("SELECT sealed FROM import_rows WHERE import_id = %s", (made["id"][-32:],)).fetchall()
    assert len(kept) == 1
    assert phone.encode() not in kept[0][0]
    superuser.execute("UPDATE imports SET kept_until = now() - interval '1 second' WHERE id = %s", (made["id"][-32:],))
    superuser.commit()
    assert forget_old_imports() >= 1
    left = superuser.execute(
        "SELECT count(*) FILTER (WHERE sealed IS NOT NULL), (SELECT count(*) FROM import_pieces WHERE import_id = %s) "
        "FROM import_rows WHERE import_id = %s",
        (made["id"][-32:], made["id"][-32:]),
    ).fetchone()
    assert left == (0, 0)
    assert read(district, made["id"])["refused"] == 1


def test_a_file_of_a_form_and_one_that_is_sent_again(district: District) -> None:
    content = sales_of(district, ["A1"])
    part = b'--x\r\nContent-Disposition: form-data; name="file"; filename="sales.csv"\r\n\r\n' + content + b"\r\n"
    part += b'--x\r\nContent-Disposition: form-data; name="kind"\r\n\r\nsales\r\n--x--\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    made = district.api.call("POST", "/v1/imports", key=district.key, data=part, headers=headers).ok(202)
    assert (made["file_name"], made["kind"]) == ("sales.csv", "sales")
    first = send(district, content, again="once").ok(202)
    reply = send(district, content, again="once")
    assert (reply.ok(202)["id"], reply.headers["Idempotent-Replayed"]) == (first["id"], "true")
    assert send(district, content + b"\r\n", again="once").code == "idempotency-key-reused"
    listed = district.api.get("/v1/imports?kind=sales", district.key).ok(200)["data"]
    assert [one["id"] for one in listed] == [first["id"], made["id"]]


def test_files_that_are_no_tables_say_so(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    assert send(district, b"").pointers == {"/file"}
    assert imported(district, b"%PDF-1.7")["flaw"]["code"] == "is-pdf"
    assert imported(district, b"PK\x03\x04 broken")["flaw"]["code"] == "no-book"
    monkeypatch.setattr(working, "MOST_ROWS", 2)
    too_large = imported(district, sales_of(district, ["A1", "A2", "A3"]))
    assert (too_large["status"], too_large["flaw"]["code"]) == ("failed", "validation-failed")
    assert sales_in(district) == []
    assert rules.MOST_ROWS == 200_000

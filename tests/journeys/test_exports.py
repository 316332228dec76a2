"""Lists become files: what who asks may see, in the queue, kept for some days."""

from __future__ import annotations

import csv
import io
from typing import Any

import openpyxl
import psycopg
import pytest

from app.exports import making
from app.exports.tasks import _ask_in_district, forget_old_exports, make_export
from tests.factories.api import Reply
from tests.factories.clock import ago
from tests.factories.coupons import bearer_codes, claim, new_campaign
from tests.factories.districts import District, new_phone
from tests.factories.points import entries

pytestmark = pytest.mark.usefixtures("context")


def ask(district: District, name: str, *, key: str | None = None, format: str = "csv", **wanted: Any) -> Reply:
    body = {"list": name, "format": format, "filter": wanted}
    return district.api.post("/v1/exports", body, key or district.key)


def download(district: District, export_id: str, *, key: str | None = None) -> Reply:
    return district.api.get(f"/v1/exports/{export_id}/download", key or district.key)


def exported(district: District, name: str, **more: Any) -> list[list[str]]:
    """The rows of a list, its heading first."""
    key = more.get("key")
    made = ask(district, name, **more).ok(202)
    assert make_export(district.id, made["id"])
    content = download(district, made["id"], key=key).ok(200).encode("latin-1")
    if more.get("format") == "xlsx":
        sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
        return [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert content.startswith(b"\xef\xbb\xbf"), "so that spreadsheets know UTF-8"
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_sales_of_all_pages_with_names_of_columns_and_sums_in_yuan(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "ROWS_A_PAGE", 2)
    monkeypatch.setattr(making, "PIECE_BYTES", 64)
    for number in range(5):
        district.report(reference=f"A{number}", amount=12850).ok(201)
    made = ask(district, "transactions").ok(202)
    assert (made["status"], made["rows"], made["download_path"], made["expires_at"]) == ("queued", 0, None, None)
    assert download(district, made["id"]).code == "export-not-made"
    assert make_export(district.id, made["id"])
    assert not make_export(district.id, made["id"]), "it is done"
    done = district.api.get(f"/v1/exports/{made['id']}", district.key).ok(200)
    assert (done["status"], done["rows"]) == ("done", 5)
    heading, *rows = csv.reader(
        io.StringIO(district.api.get(done["download_path"], district.key).ok(200).encode("latin-1").decode("utf-8-sig"))
    )
    assert heading[:2] == ["单号", "发生时间"]
    assert [row[0] for row in rows] == ["A4", "A3", "A2", "A1", "A0"]
    assert {row[heading.index("应收")] for row in rows} == {"128.50"}
    read = district.api.get(f"/v1/exports/{made['id']}", district.key).ok(200)
    assert read["downloads"] == 1


def test_sales_of_days_come_page_by_page_in_the_order_of_their_time(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In that of their index: a page further costs what the first one did."""
    monkeypatch.setattr(making, "ROWS_A_PAGE", 2)
    for hours in (3, 1, 4, 2, 60, 5):
        district.report(reference=f"H{hours}", occurred_at=ago(hours=hours)).ok(201)
    heading, *rows = exported(district, "transactions", occurred_from=ago(hours=30))
    references = [row[heading.index("单号")] for row in rows]
    assert references == ["H1", "H2", "H3", "H4", "H5"]


def test_cells_are_no_formulas_and_numbers_are_numbers(district: District) -> None:
    evil = ["=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK(1)"]
    for one in evil:
        district.report(reference=one, channel=one, amount=1).ok(201)
    rows = exported(district, "transactions")
    assert {row[0] for row in rows[1:]} == {f"'{one}" for one in evil}
    sheet = exported(district, "transactions", format="xlsx")
    assert {row[0] for row in sheet[1:]} == set(evil), "as texts, which nothing works out"
    assert {row[sheet[0].index("应收")] for row in sheet[1:]} == {0.01}


def test_a_merchant_gets_its_own_with_the_masks_of_the_api(district: District) -> None:
    phone = new_phone()
    member = district.member(phone, name="王芳")
    district.report(reference="own", member_id=member).ok(201)
    other = district.other_shop
    district.report(reference="theirs", store_id=other.store_id, member_id=member).ok(201)
    assert [row[0] for row in exported(district, "transactions", key=other.key)[1:]] == ["theirs"]
    [row] = exported(district, "members", key=other.key)[1:]
    assert f"{phone[:3]}****{phone[-4:]}" in row
    assert "王芳" not in row
    assert phone not in "".join(row)


@pytest.mark.parametrize(
    "name", ["refunds", "members", "merchants", "stores", "campaigns", "redemptions", "cases", "audit_entries"]
)
def test_every_list_has_columns_that_its_rows_fill(district: District, name: str) -> None:
    district.member(name="李雷")
    heading, *rows = exported(district, name)
    assert all(len(row) == len(heading) for row in rows)
    assert bool(rows) == (name in ("members", "merchants", "stores", "audit_entries"))


def test_points_of_a_member_and_a_figure(district: District) -> None:
    member = district.member()
    district.report(member_id=member).ok(201)
    _, row = exported(district, "points", member_id=member)
    assert row[1:4] == ["earn", "128", "128"]
    figure = {"code": "sales.net", "from": "2026-01-01", "to": "2026-01-03"}
    assert len(exported(district, "figures", **figure)) == 4


def test_what_a_filter_gets_wrong_is_named_there(untouched: District) -> None:
    assert ask(untouched, "transactions", store_id="x").pointers == {"/filter/store_id"}
    assert ask(untouched, "transactions", limit="5").pointers == {"/filter/limit"}
    assert ask(untouched, "points").pointers == {"/filter/member_id"}
    assert ask(untouched, "secrets").pointers == {"/list"}
    assert ask(untouched, "audit_entries", key=untouched.shop.key).status == 403
    assert ask(untouched, "campaigns", key=untouched.shop.key).status == 403, "as the list itself"


def test_nobody_else_takes_a_file(district: District, other_district: District) -> None:
    made = ask(district, "members").ok(202)
    make_export(district.id, made["id"])
    for key in (district.shop.key, other_district.key):
        assert download(district, made["id"], key=key).status == 404
        assert district.api.post(f"/v1/exports/{made['id']}/cancel", {}, key).status == 404
    narrow = district.merchant_key(district.shop, scopes=["transactions:read"])
    assert ask(district, "members", key=narrow).status == 403


def test_a_cancelled_export_has_no_file_and_a_dead_job_is_begun_anew(
    district: District, superuser: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    district.report().ok(201)
    made = ask(district, "transactions").ok(202)
    monkeypatch.setattr(making._Maker, "end", lambda *_: None)
    assert make_export(district.id, made["id"])
    monkeypatch.undo()
    assert not make_export(district.id, made["id"]), "another's, as far as anybody knows"
    superuser.execute("UPDATE exports SET alive_at = now() - interval '3 minutes' WHERE id = %s", (made["id"][-32:],))
    superuser.commit()
    assert _ask_in_district(district.id) == 1
    assert make_export(district.id, made["id"])
    assert download(district, made["id"]).ok(200).count("\r\n") == 2
    gone = ask(district, "transactions").ok(202)
    assert district.api.post(f"/v1/exports/{gone['id']}/cancel", {}, district.key).ok(200)["status"] == "cancelled"
    assert not make_export(district.id, gone["id"])
    assert download(district, gone["id"]).code == "export-not-made"


def test_a_file_goes_after_seven_days(district: District, superuser: psycopg.Connection) -> None:
    made = ask(district, "stores").ok(202)
    make_export(district.id, made["id"])
    superuser.execute("UPDATE exports SET expires_at = now() - interval '1 second' WHERE id = %s", (made["id"][-32:],))
    superuser.commit()
    assert download(district, made["id"]).code == "export-expired"
    assert forget_old_exports() >= 1
    left = superuser.execute("SELECT count(*) FROM export_pieces WHERE export_id = %s", (made["id"][-32:],)).fetchone()
    assert left == (0,)
    assert download(district, made["id"]).code == "export-expired"


def test_issued_coupons_are_exported_without_their_codes_to_a_merchant_its_own(district: District) -> None:
    campaign = new_campaign(district, issuing=["claim", "code_batch"], name="夜市满减")["id"]
    member = district.member()
    claimed = claim(district, campaign, member).ok(201)
    codes = bearer_codes(district, campaign, 2)
    heading, *rows = exported(district, "coupons", campaign_id=campaign)
    assert heading[1:6] == ["活动", "面值", "状态", "发放方式", "券码尾号"]
    assert [row[4] for row in rows] == ["code_batch", "code_batch", "claim"]
    assert (rows[2][1], rows[2][3], rows[2][9]) == ("夜市满减", "issued", member)
    text = str(rows).replace("-", "")
    assert not any(code.replace("-", "") in text for code in (*codes, claimed["code"]))
    assert exported(district, "coupons", status="redeemed")[1:] == []
    key = district.shop.key
    assert ask(district, "coupons", key=key, campaign_id=campaign).ok(202)
    assert exported(district, "coupons", key=key)[1:] == []


def test_movements_of_all_members_points_are_exported_page_by_page(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each once, also where one sale moves points twice; to the alliance alone."""
    monkeypatch.setattr(making, "ROWS_A_PAGE", 2)
    members = [district.member() for _ in range(3)]
    for member in members:
        district.report(member_id=member, amount=20_000).ok(201)
        district.report(member_id=member, amount=10_000, points_to_spend=50).ok(201)
    heading, *rows = exported(district, "points_entries")
    assert heading[1:4] == ["会员编号", "变动类型", "积分"]
    told = [(row[1], row[2], int(row[3]), int(row[4])) for row in rows]
    wanted = [
        (member, entry["code"], entry["points"], entry["balance_after"])
        for member in members[::-1]
        for entry in entries(district, member)
    ]
    assert sorted(told) == sorted(wanted)
    assert len(told) == 9
    assert ask(district, "points_entries", key=district.shop.key).status == 403

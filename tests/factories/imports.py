"""Imports as an office sends them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from app.imports.tasks import work_on
from tests.factories.api import Reply
from tests.factories.clock import now
from tests.factories.districts import District

HEAD = ("流水号", "实收金额", "交易时间", "手机号", "门店编码")


def csv_of(*rows: Sequence[object]) -> bytes:
    """A table as a till exports it."""
    return "".join(",".join(map(str, row)) + "\r\n" for row in rows).encode()


def sales_of(district: District, references: Iterable[str], amount: str = "128.00", phone: str = "") -> bytes:
    """A table of sales of yesterday."""
    at = f"{now() - timedelta(days=1):%Y-%m-%d 12:00:00}"
    return csv_of(HEAD, *((one, amount, at, phone, district.shop.store_code) for one in references))


def send(
    district: District,
    content: bytes,
    kind: str = "sales",
    *,
    key: str | None = None,
    again: str | None = None,
    **said: Any,
) -> Reply:
    """Sends a file."""
    if "settings" in said:
        said["settings"] = json.dumps(said["settings"])
    path = f"/v1/imports?{urlencode({'kind': kind, **said})}"
    return district.api.post(path, content, key or district.key, again)


def imported(district: District, content: bytes, kind: str = "sales", **said: Any) -> Any:
    """An import whose job has been done."""
    made = send(district, content, kind, **said).ok(202)
    work_on(district.id, made["id"])
    return read(district, made["id"], said.get("key"))


def read(district: District, import_id: str, key: str | None = None) -> Any:
    """An import as it is now."""
    return district.api.get(f"/v1/imports/{import_id}", key or district.key).ok(200)


def act(district: District, import_id: str, verb: str, *, key: str | None = None) -> Reply:
    """Starts, stops or takes back; the job is done by whoever calls `work_on`."""
    return district.api.post(f"/v1/imports/{import_id}/{verb}", {}, key or district.key)


def figures(shown: Any) -> tuple[int, int, int, int]:
    """Rows that were recorded, known before, refused and left out."""
    return shown["recorded"], shown["known"], shown["refused"], shown["left_out"]

"""Settlement, as an alliance and its merchants meet it. Closing is done inside the application, whose worker it is."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.tenancy import system_principal
from app.settlement.disputes.corrections import Asked, add, approve_row
from app.settlement.tasks import close_period
from tests.factories.api import Reply
from tests.factories.clock import DAY, SHANGHAI, now
from tests.factories.districts import District

FIRST = date(DAY.year + DAY.month // 12, DAY.month % 12 + 1, 1)
"""The first day of the local month after DAY, where the worked figures begin."""


def month(number: int, day: int = 10, at: str = "12:00") -> datetime:
    """An instant of the so manieth month from FIRST (counted from 1), in Shanghai."""
    months = FIRST.month - 1 + number - 1
    return datetime.combine(date(FIRST.year + months // 12, months % 12 + 1, day), time.fromisoformat(at), SHANGHAI)


def publish_terms(district: District, *, key: str | None = None, **more: Any) -> Reply:
    """Asks for terms from FIRST: a point costs 1.0, brings 0.9, and half of what ends goes back, unless told otherwise."""
    body = {
        "effective_from": FIRST.isoformat(),
        "issue_price": "1",
        "redemption_price": "0.9",
        "breakage_share": 50,
        **more,
    }
    return district.api.post("/v1/settlement-terms", body, key or district.key)


def periods(district: District, *, key: str | None = None) -> list[Any]:
    """Periods, the first one first."""
    listed = district.api.get("/v1/settlement-periods?limit=100", key or district.key).ok(200)["data"]
    return list(reversed(listed))


def ask_close(district: District, number: int, *, key: str | None = None) -> Reply:
    """Asks for a period to be closed."""
    period_id = periods(district)[number - 1]["id"]
    return district.api.post(f"/v1/settlement-periods/{period_id}/close", {}, key or district.key)


def close(district: District, number: int) -> Any:
    """Closes a period; gives it as it is then."""
    asked = ask_close(district, number).ok(202)
    close_period(district.id, asked["id"])
    return district.api.get(f"/v1/settlement-periods/{asked['id']}", district.key).ok(200)


def statements(district: District, number: int, *, key: str | None = None) -> list[Any]:
    """The statements of a period."""
    period_id = periods(district)[number - 1]["id"]
    path = f"/v1/settlement-periods/{period_id}/statements?limit=100"
    listed: list[Any] = district.api.get(path, key or district.key).ok(200)["data"]
    return listed


def nets(district: District, number: int, figure: str = "net_position") -> dict[str, int]:
    """Figures of a period's statements that aren't 0, by the party's id."""
    return {one["party"]["id"]: one[figure] for one in statements(district, number) if one[figure]}


def items(district: District, statement: Any, line: int, *, key: str | None = None, **query: Any) -> Any:
    """The items of a line."""
    more = "".join(f"&{name}={value}" for name, value in query.items())
    return district.api.get(f"/v1/statements/{statement['id']}/items?line={line}{more}", key or district.key).ok(200)


def settle_by_hand(district: District) -> tuple[str, str, str]:
    """A closed period with a correction of 1000 for each of two shops: its id, and those of their statements.

    In real time no period ends within a test. Call it inside the application.
    """
    own = {"merchant_id": district.shop.merchant_id, "issue_price": "1", "redemption_price": "1"}
    begins = now() - timedelta(days=45)
    publish_terms(district, effective_from=begins.date().isoformat(), overrides=[own]).ok(201)
    shops = (district.shop.merchant_id, district.other_shop.merchant_id)
    with unit_of_work(system_principal(district.id), clock=lambda: begins) as uow:
        for shop in shops:
            asked = Asked("merchant", f"pty_{shop[-32:]}", 1_000, "三月漏计")
            approve_row(uow, add(uow, asked, shop, uow.now))
    close(district, 1)
    by_party = {one["party"]["id"]: one["id"] for one in statements(district, 1)}
    return periods(district)[0]["id"], *(by_party[shop] for shop in shops)  # type: ignore[return-value]

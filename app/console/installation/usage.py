"""`/console/installation/usage` and `…/health`: what districts use, and how the installation fares."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from zoneinfo import ZoneInfo

from redis.exceptions import RedisError

from app.console.door import console
from app.console.installation.tenants import HERE, operator_only
from app.console.lists import listing
from app.districts import queries as districts
from app.districts import schemas
from app.districts.present import page_of_districts
from app.foundation.database.unit_of_work import UnitOfWork, unit_of_work
from app.foundation.jobs import relay
from app.foundation.metrics import Gauge
from app.foundation.running import exporter, health
from app.foundation.tenancy import system_principal
from app.insights import queries as insights
from app.insights.rules import FIGURES
from app.members.queries import count_members
from app.messaging import metrics
from app.pages.doors import Visit
from app.pages.outcomes import Handed, WebPage

DAYS = 30
_A_PAGE = 20
"""Each district is asked by itself, behind its own wall."""


@console.page("/installation/usage")
def usage(uow: UnitOfWork, visit: Visit) -> Handed:
    """Members, stores, and the sales of the last days, by district."""
    operator_only(visit)
    asked = listing(f"{HERE}/usage", schemas.DISTRICTS)
    found = page_of_districts(uow, {**asked.query, "limit": _A_PAGE})
    rows = [{**one, **_usage_of(one["id"], one["time_zone"])} for one in found["data"]]
    shown = asked.showing([one["id"] for one in rows], has_more=found["has_more"])
    return WebPage("console/usage.html", {"listing": shown, "rows": rows, "days": DAYS})


def _usage_of(district_id: str, zone: str) -> Mapping[str, int]:
    """By the read models, whose figures are those of the books (`quantong verify-books`)."""
    with unit_of_work(system_principal(district_id)) as uow:
        today = uow.now.astimezone(ZoneInfo(zone)).date()
        span = today - timedelta(days=DAYS - 1), today
        sales, amount, by_members = (
            sum(one.above for one in insights.sums(uow, FIGURES[code], "stores", "month", *span, None).values())
            for code in ("sales.count", "sales.net", "sales.member_count")
        )
        return {
            "members": count_members(uow),
            "stores": len(districts.store_ids(uow)),
            "sales": sales,
            "amount": amount,
            "by_members": by_members,
        }


@console.page("/installation/health")
def installation_health(uow: UnitOfWork, visit: Visit) -> Handed:
    """What `/readyz` and the metrics tell, in words."""
    operator_only(visit)
    parts = health.state_of_parts()
    gauges = {one.name: one.value for one in _gauges()}
    return WebPage("console/health.html", {"parts": parts, "gauges": gauges, "is_ready": set(parts.values()) == {"ok"}})


def _gauges() -> list[Gauge]:
    """What waits; of a queue that is away nothing."""
    found = [*relay.gauges(), *metrics.gauges()]
    try:
        return [*found, *exporter.queue_gauges()]
    except RedisError:
        return found

"""Whoever counts events is killed with -9 in the middle, or does it beside others: figures are what a plain recount says."""

from __future__ import annotations

import threading
from typing import Any

import psycopg
from flask import Flask

from app.config import Settings
from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.tasks import take_events
from app.foundation.tenancy import system_principal
from app.insights import kept, services
from tests.factories.books import broken
from tests.factories.districts import District
from tests.factories.refunds import give_back
from tests.factories.stopped import stopped
from tests.factories.webhooks import untaken


def figures(superuser: psycopg.Connection, district: District) -> dict[str, list[Any]]:
    """All that is kept of a district, but for rows that say nothing."""
    found = {}
    for one in kept.ALL:
        names = ", ".join(one.columns)
        some = " OR ".join(f"{name} <> 0" for name in one.totals)
        query = f"SELECT {names} FROM {one.table} WHERE district_id = %s AND ({some}) ORDER BY {names}"
        found[one.table] = superuser.execute(query, (district.id[-32:],)).fetchall()
    return found


def test_a_worker_who_is_killed_while_it_counts_has_counted_nothing_and_the_next_count_once(
    street: District, app: Flask, settings: Settings, superuser: psycopg.Connection
) -> None:
    members = [street.member() for _ in range(4)]
    sales = [street.report(member_id=member, amount=10_000).ok(201) for member in members for _ in range(3)]
    for sale in sales[:5]:
        give_back(street, sale["id"], 10_000)
    ids = untaken(superuser, street.id)
    with stopped(settings, "relaying_process", "counting", street.id, ",".join(ids)):
        pass
    assert not any(figures(superuser, street).values())
    assert broken(street.id) == {}

    def take(some: list[str]) -> None:
        with app.app_context():
            take_events(street.id, some)

    threads = [threading.Thread(target=take, args=(some,)) for some in (ids, ids[::-1], ids[::2], ids[1::2])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counted = figures(superuser, street)
    assert broken(street.id) == {}
    with app.app_context(), unit_of_work(system_principal(street.id)) as uow:
        services.count_anew(uow)
    assert figures(superuser, street) == counted
    assert [row[-1] for row in counted["district_days"]] == [7 * 100]

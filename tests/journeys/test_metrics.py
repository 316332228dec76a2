"""The page of metrics: what all web processes have counted together, and what waits."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis

from app.config import Settings
from app.foundation.jobs.queue import queue
from app.foundation.running.exporter import registry_of
from app.foundation.running.memory import forget_dead
from app.wiring import SOURCES
from tests.conftest import OPERATOR_KEY
from tests.factories.api import Api
from tests.factories.districts import District, new_district, new_phone
from tests.factories.processes import wait_until
from tests.factories.running import Running, page

pytestmark = pytest.mark.xdist_group("metrics")
Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


def read(text: str) -> Figures:
    """Figures by name and labels."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def figure(figures: Figures, name: str, **labels: str) -> float:
    return figures.get((name, frozenset(labels.items())), 0.0)


@pytest.fixture(scope="module")
def folder_of_metrics(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("metrics")


@pytest.fixture(scope="module")
def web(app: Flask, settings: Settings, folder_of_metrics: Path) -> Iterator[Running]:
    with Running("web", settings, {"PROMETHEUS_MULTIPROC_DIR": str(folder_of_metrics)}) as web:
        web.wait_for(f"{web.url}/readyz")
        yield web


@pytest.fixture(scope="module")
def exporter(app: Flask, settings: Settings, folder_of_metrics: Path) -> Iterator[str]:
    """The address of the page."""
    more = {"PROMETHEUS_MULTIPROC_DIR": str(folder_of_metrics), "METRICS_PORT": "0"}
    with Running("metrics", settings, more) as silent:
        silent.wait_to_say("nothing is served")
    running = Running("metrics", settings, more)
    running.env["METRICS_PORT"] = str(running.port)
    with running:
        url = f"{running.url}/metrics"
        running.wait_for(url)
        yield url


@pytest.fixture
def street(web: Running) -> District:
    return new_district(Api.over_http(web.url, OPERATOR_KEY))


def test_requests_and_sales_of_all_processes_add_up(street: District, exporter: str) -> None:
    before = read(page(exporter))
    member = street.member()
    for number in range(20):
        street.report(member_id=member, reference=f"A{number}").ok(201)
    street.report(amount=-1, reference="B")
    batch = [street.sale(reference=f"C{number}", phone=new_phone()) for number in range(30)] + [{"reference": "D"}]
    street.api.post("/v1/transactions/batch", {"transactions": batch}, street.key).ok(200)
    after = read(page(exporter))

    def grown(name: str, **labels: str) -> float:
        return figure(after, name, **labels) - figure(before, name, **labels)

    sales = {"route": "/v1/transactions", "method": "POST"}
    assert grown("quantong_requests_total", **sales, status="201") == 20
    assert grown("quantong_requests_total", **sales, status="422") == 1
    assert grown("quantong_request_seconds_count", **sales) == 21
    assert 0 < grown("quantong_request_seconds_sum", **sales) < 60
    assert grown("quantong_sales_total", outcome="201") == 50
    assert grown("quantong_sales_total", outcome="4xx") == 2
    assert grown("quantong_batch_items_bucket", route="/v1/transactions/batch", le="50.0") == 1
    assert grown("quantong_batch_items_sum", route="/v1/transactions/batch") == 31
    assert grown("quantong_commit_sales_sum", way="folded") == 20


def test_a_known_sale_is_counted_as_such(street: District, exporter: str) -> None:
    sale = street.sale()
    before = figure(read(page(exporter)), "quantong_sales_total", outcome="200")
    for status in (201, 200):
        street.api.post("/v1/transactions", sale, street.key).ok(status)
    assert figure(read(page(exporter)), "quantong_sales_total", outcome="200") == before + 1


def test_labels_hold_rules_and_never_what_was_sent(street: District, exporter: str) -> None:
    phone = new_phone()
    member = street.member(phone=phone)
    street.api.get(f"/v1/members/{member}?x={phone}", street.key)
    street.api.get(f"/v1/{phone}", street.key)
    street.api.call("X" + phone, "/v1/members", key=street.key)
    text = page(exporter)
    for sent in (phone, member, street.id, street.key):
        assert sent not in text
    assert figure(read(text), "quantong_requests_total", route="none", method="GET", status="404")


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells on Linux only")
def test_the_memory_of_web_processes_is_told(web: Running, exporter: str) -> None:
    """That of the largest one that lives."""
    assert wait_until(lambda: figure(read(page(exporter)), "quantong_web_resident_bytes") > 0)
    told = figure(read(page(exporter)), "quantong_web_resident_bytes")
    assert 20 << 20 < told < 768 << 20


def test_the_memory_of_a_process_that_has_ended_is_forgotten(tmp_path: Path) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    files = [tmp_path / name for name in (f"gauge_livemax_{os.getpid()}.db", f"counter_{ended.pid}.db")]
    gone = tmp_path / f"gauge_livemax_{ended.pid}.db"
    for file in (*files, gone):
        file.touch()
    forget_dead(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted(files)


def test_what_waits_is_read_when_asked(
    district: District, exporter: str, superuser: psycopg.Connection, settings: Settings
) -> None:
    district.report().ok(201)
    superuser.execute(
        "UPDATE outbox SET recorded_at = recorded_at - interval '1 hour' WHERE district_id = %s", (district.id[4:],)
    )
    figures = read(page(exporter))
    assert figure(figures, "quantong_outbox_waiting") >= 1
    assert figure(figures, "quantong_outbox_lag_seconds") >= 3600
    assert figure(figures, "quantong_up", part="database") == figure(figures, "quantong_up", part="queue") == 1
    for name in (
        "quantong_queue_jobs",
        "quantong_queue_running_jobs",
        "quantong_queue_failed_jobs",
        "quantong_queue_workers",
        "quantong_job_failed_districts",
        "quantong_webhook_deliveries_pending",
        "quantong_webhook_deliveries_overdue_seconds",
        "quantong_webhook_endpoints_disabled",
    ):
        assert (name, frozenset()) in figures


def test_jobs_in_the_queue_are_counted(app: Flask, settings: Settings, exporter: str) -> None:
    with Redis.from_url(settings.redis_url) as connection:
        before = figure(read(page(exporter)), "quantong_queue_jobs")
        job = queue(connection).enqueue("app.foundation.tasks.add_outbox_days")
        assert figure(read(page(exporter)), "quantong_queue_jobs") == before + 1
        job.delete()


def test_a_part_that_is_away_is_told_and_the_rest_is_shown(app: Flask) -> None:
    def away() -> list[object]:
        raise psycopg.OperationalError

    found = {
        (sample.name, sample.labels.get("part")): sample.value
        for family in registry_of(app, [away]).collect()  # type: ignore[list-item]
        for sample in family.samples
    }
    assert (found["quantong_up", "database"], found["quantong_up", "queue"]) == (0, 1)
    assert ("quantong_queue_jobs", None) in found


def test_everything_of_ours_is_named_and_described(app: Flask) -> None:
    families = [*REGISTRY.collect(), *registry_of(app, SOURCES).collect()]
    ours = [family for family in families if family.name.startswith("quantong")]
    assert len(ours) >= 15
    for family in ours:
        assert family.documentation.endswith("."), family.name

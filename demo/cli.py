"""`quantong demo`: fills a running Quantong with the history of a pedestrian street."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import click

from demo import history
from demo.errors import LoadError
from demo.load import Loader, Summary
from demo.state import StateError
from merchant_sdk import Client

SECRETS = Path("var/secrets.json")


def default_base_url() -> str:
    """PUBLIC_URL, or this machine at PORT (8000 if that isn't set)."""
    return os.environ.get("PUBLIC_URL") or f"http://127.0.0.1:{os.environ.get('PORT') or 8000}"


def operator_key_of(secrets_file: Path) -> str:
    """The operator's key that `quantong up` left. Raises click.UsageError where there is none."""
    try:
        return str(json.loads(secrets_file.read_text(encoding="utf-8"))["OPERATOR_KEY"])
    except (FileNotFoundError, KeyError, ValueError):
        raise click.UsageError(
            f"No operator key: give --operator-key, set OPERATOR_KEY, or start the product ({secrets_file})."
        ) from None


@click.command("demo")
@click.option("--quick/--full", "quick", default=False, help="The first 1,500 customers, or all 23,570 (default).")
@click.option("--base-url", default=default_base_url, help="Where the product answers.")
@click.option(
    "--operator-key",
    envvar="OPERATOR_KEY",
    default=None,
    help="Default: OPERATOR_KEY, then var/secrets.json.",
)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), default=Path("var/demo.json"), show_default=True
)
@click.option(
    "--sms-inbox", default=None, help="Where the product shows sign-in codes, to be told to whoever tries it."
)
@click.option(
    "--operator-invitation",
    envvar="DEMO_OPERATOR_INVITATION",
    nargs=2,
    default=None,
    help="Login and link of an invitation to run the installation, for the demo's operator.",
)
def demo(
    quick: bool,
    base_url: str,
    operator_key: str | None,
    out: Path,
    sms_inbox: str | None,
    operator_invitation: tuple[str, str] | None,
) -> None:
    """Load the demo district: 18 months of real purchases that end yesterday, and campaigns. Safe to run again."""
    loader = Loader(
        connect=lambda key: Client(key, base_url=base_url, timeout=60.0),
        operator_key=operator_key or operator_key_of(SECRETS),
        base_url=base_url,
        mode="quick" if quick else "full",
        out=out,
        now=datetime.now(UTC),
        sms_inbox=sms_inbox,
        operator_invitation=operator_invitation,
    )
    try:
        summary = loader.run(history.read())
    except (LoadError, StateError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(words_of(summary))
    click.echo(f"keys and ids: {out}")


def words_of(summary: Summary) -> str:
    """Counts, seconds and sales per second."""
    counts = (
        f"{summary.merchants} merchants, {summary.stores} stores, {summary.members:,} members, "
        f"{summary.campaigns} campaigns, {summary.sales:,} sales"
    )
    if not summary.sent:
        return f"{counts}: all there already"
    rate = summary.sent / max(summary.seconds, 0.001)
    return f"{counts}; {summary.sent:,} sales sent in {summary.seconds:.1f} s, {rate:,.0f} per second"

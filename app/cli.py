"""The `quantong` command."""

from __future__ import annotations

from app.foundation.running import collecting

# isort: split
import asyncio
import os
import signal
import sys
import textwrap
import threading
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import click
import orjson
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

from app.books import verify
from app.config import Settings, SettingUnfit, settings_page
from app.events_page import events_page
from app.factory import ROOMS, create_app
from app.foundation.http.contract.openapi import document
from app.foundation.http.limits.callers import print_of
from app.foundation.ids import is_id
from app.foundation.jobs.queue import LONG, QUEUE, URGENT, run_worker, schedule
from app.foundation.jobs.relay import Relay
from app.foundation.logs import set_up
from app.foundation.problems import NotFound
from app.foundation.running.distributing import statements
from app.foundation.running.exporter import serve
from app.foundation.running.health import MIGRATIONS, refuse_powerful_role
from app.foundation.runtime import keyring
from app.insights.tasks import count_all_anew
from app.keys import refresh
from app.launcher.secrecy import told_in_private
from app.launcher.up import adopt_environment
from app.launcher.up import up as launch
from app.messaging.couriers import Couriers
from app.messaging.sending import Sender
from app.panic import end_everything
from app.staff.accounts.logins import NotALogin
from app.staff.people.founding import invite_first, recover
from app.staff.roles import roles_page
from app.wiring import SOURCES, TIMETABLE

VAR = Path("var")
PORT = click.IntRange(1, 65_535)

collecting.resume()


class _Commands(click.Group):
    """Our commands, and those that other packages plug in under `quantong.commands` (the demo)."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except NotALogin as error:
            raise click.ClickException("That is neither a phone number nor an e-mail address.") from error
        except (SettingUnfit, OperationalError, NotFound) as error:
            raise click.ClickException(str(error)) from error

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *entry_points(group="quantong.commands").names})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        plugged = entry_points(group="quantong.commands")
        if cmd_name in plugged.names:
            command: click.Command = plugged[cmd_name].load()
            return command
        return super().get_command(ctx, cmd_name)


@click.group(cls=_Commands)
@click.pass_context
def main(ctx: click.Context) -> None:
    """Quantong: one membership for a whole business district.

    Settings come from the environment; without DATABASE_URL, from the product that runs on ./var.
    """
    if ctx.invoked_subcommand != "up":
        adopt_environment(VAR)


@main.command()
@click.option("--port", type=PORT, default=lambda: os.environ.get("PORT", "8000"), help="Port to serve on.")
@click.option("--var", type=click.Path(path_type=Path), default=VAR, help="Folder that keeps the data.")
@click.option("--demo/--no-demo", default=True, help="Whether to load a slice of the demo district first.")
@click.option(
    "--lan/--no-lan", default=lambda: bool(os.environ.get("LAN")), help="Whether phones in the network may come."
)
def up(port: int, var: Path, demo: bool, lan: bool) -> None:
    """Run everything: databases, migrations, the Procfile, a demo district."""
    sys.exit(launch(port=port, var=var, procfile=Path("Procfile"), demo=demo, on_lan=lan))


@main.command()
def migrate() -> None:
    """Bring the database to this code's schema, as its owner."""
    with create_app().app_context():
        upgrade(directory=str(MIGRATIONS))


@main.command()
@click.option("--run/--print", default=False, help="Whether to run the statements, as the owner, or to print them.")
@click.option(
    "--shards", type=click.IntRange(1, 1024), default=32, help="Parts into which districts are dealt at first."
)
def distribute(run: bool, shards: int) -> None:
    """Spread the database over the servers of its Citus cluster; again after each migration."""
    engine = create_engine(create_app().extensions["quantong"].settings.owner_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements(connection, shards):
            click.echo(f"{textwrap.dedent(statement).strip()};")
            if run:
                connection.exec_driver_sql(statement)


def _process() -> Flask:
    """The application in a process that runs on: it logs as all of them do."""
    app = create_app()
    settings = app.extensions["quantong"].settings
    set_up(settings.log_level, settings.log_format)
    with app.app_context():
        refuse_powerful_role()
    return app


@main.command()
def worker() -> None:
    """Do jobs from the queue."""
    app = _process()
    with app.app_context():
        run_worker(app.extensions["quantong"].settings.redis_url, [URGENT, QUEUE])


@main.command("urgent-worker")
def urgent_worker() -> None:
    """Do what somebody waits for, such as sending sign-in codes, and nothing else."""
    app = _process()
    with app.app_context():
        run_worker(app.extensions["quantong"].settings.redis_url, [URGENT])


@main.command("long-worker")
def long_worker() -> None:
    """Do what may take minutes, such as replays of rules, and nothing else."""
    app = _process()
    with app.app_context():
        run_worker(app.extensions["quantong"].settings.redis_url, [LONG])


@main.command()
def relay() -> None:
    """Hand events from the outbox to the queue."""
    app = _process()
    with app.app_context():
        Relay(app.extensions["quantong"].settings.redis_url).run(stopping())


@main.command()
def courier() -> None:
    """Deliver webhooks."""
    app = _process()
    settings = app.extensions["quantong"].settings
    with app.app_context():
        asyncio.run(_deliver(settings))


async def _deliver(settings: Settings) -> None:
    sender = Sender(
        timeout_seconds=settings.webhook_timeout_seconds, allow_private=bool(settings.webhook_allow_private)
    )
    couriers = Couriers(sender)
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, couriers.stop)
    await couriers.run()


def stopping() -> threading.Event:
    """An event that SIGINT and SIGTERM set."""
    stopped = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stopped.set())
    return stopped


@main.command()
def scheduler() -> None:
    """Put jobs into the queue at their times."""
    schedule(_process().extensions["quantong"].settings.redis_url, TIMETABLE)


@main.command()
def metrics() -> None:
    """Serve figures to Prometheus on METRICS_PORT."""
    serve(_process(), SOURCES, stopping())


@main.command("verify-books")
@click.option("--district", default=None, help="Only the district with this id.")
def verify_books(district: str | None) -> None:
    """Prove every invariant of the books; exit 1 and name the rows where one is broken, or the district that fails."""
    broken = districts = failed = 0
    with create_app().app_context():
        for one in verify(district):
            districts += 1
            click.echo(one.district_id)
            failed += _is_told(one.failure)
            for finding in one.findings:
                click.echo(f"  {'BROKEN' if finding.broken else 'ok':7}{finding.rows:>10,} rows  {finding.check}")
                for what, found, wanted in finding.broken:
                    click.echo(f"          {what}: found {found}, wanted {wanted}")
                broken += bool(finding.broken)
    if district is not None and not districts:
        raise click.UsageError(f"There is no district {district}.")
    click.echo(f"{districts} districts, {broken} checks broken" + (f", {failed} districts failed" if failed else ""))
    sys.exit(1 if broken or failed else 0)


def _is_told(failure: Exception | None) -> bool:
    """Tells why a district wasn't done; says whether it had to."""
    if failure is not None:
        click.echo(f"  FAILED {type(failure).__name__}: {str(failure).strip()}")
    return failure is not None


@main.command("refresh-keys")
def refresh_keys() -> None:
    """Seal and index everything under the newest keys; exit 1 and name what no key at hand opens, or the district that fails."""
    broken = 0
    with create_app().app_context():
        for done in refresh():
            figures = (
                f"{done.members:>10,} members  {done.secrets:>6,} webhook secrets  {done.waiting:>6,} waiting numbers"
                f"  {done.accounts:>6,} bank details"
                f"  {done.staff:>6,} of staff"
            )
            click.echo(f"{done.district_id}  {figures}")
            for one in done.broken:
                click.echo(f"  BROKEN {one}: no key at hand opens it")
            broken += len(done.broken) + _is_told(done.failure)
    sys.exit(1 if broken else 0)


@main.command("count-anew")
@click.option("--district", default=None, help="Id of one district; without it, all are counted.")
def count_anew(district: str | None) -> None:
    """Make the read models of figures anew from the books; sales go on meanwhile."""
    with create_app().app_context():
        click.echo(f"{count_all_anew(district)} districts counted")


@main.command("network-print")
@click.argument("address")
def print_network(address: str) -> None:
    """Print how the log names the network of an address."""
    with create_app().app_context():
        click.echo(print_of(keyring(), address).hex())


@main.command()
@click.option("--district", required=True, help="Id of the district.")
@click.option("--shops/--no-shops", default=False, help="Whether merchants' and stores' keys are made anew, too.")
@click.option("--output", type=click.Path(path_type=Path), default=None, help="New file (mode 0600) for the secrets.")
def panic(district: str, shops: bool, output: Path | None) -> None:
    """End all keys, sessions and tills of a district at once, and make it a new alliance key.

    The way back is that key. Its secret is shown on a terminal, or written to --output, and nowhere else.
    """
    if not is_id("dis", district):
        raise click.UsageError("--district is an id: dis_…")
    with told_in_private(output) as tell, create_app().app_context():
        ended = end_everything(district, shops=shops)
        tell(orjson.dumps(ended.in_json(), option=orjson.OPT_INDENT_2).decode())
    click.echo(
        f"{district}: {ended.keys} keys, {ended.sessions} sessions and {ended.tills} tills have ended; they stop within 5 s",
        err=True,
    )


@main.group()
def staff() -> None:
    """Who may sign in: the first person of a district or of the installation, and the way back in."""


@staff.command("invite")
@click.option("--district", default=None, help="Id or slug; without one, an operator of the installation is invited.")
@click.option("--login", required=True, help="Phone or e-mail address.")
@click.option("--name", required=True, help="What the person is called.")
def invite_staff(district: str | None, login: str, name: str) -> None:
    """Invite an admin of a district, or an operator: prints a link that works once, within three days."""
    with create_app().app_context():
        click.echo(invite_first(district, login, name))


@staff.command("recover")
@click.argument("login")
@click.option("--output", type=click.Path(path_type=Path), default=None, help="New file (mode 0600) for the password.")
def recover_staff(login: str, output: Path | None) -> None:
    """Give an account a new password, and take away its second factor; its sessions end.

    The password is shown on a terminal, or written to --output, and nowhere else.
    """
    with told_in_private(output) as tell, create_app().app_context():
        tell(recover(login))


@main.command("roles-page")
def print_roles_page() -> None:
    """Print docs/roles.md."""
    click.echo(roles_page(), nl=False)


@main.command("events-page")
def print_events_page() -> None:
    """Print docs/events.md."""
    click.echo(events_page(), nl=False)


@main.command("contract")
def print_contract() -> None:
    """Print the contract as `/openapi.json` has it."""
    whole = document(spec for room in ROOMS for spec in room.specs)
    click.echo(orjson.dumps(whole, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE), nl=False)


@main.command("settings-page")
def print_settings_page() -> None:
    """Print docs/settings.md."""
    click.echo(settings_page(), nl=False)


if __name__ == "__main__":
    main()

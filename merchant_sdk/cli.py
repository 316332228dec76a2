"""`quantong-merchant`: report a table of sales or refunds, look whether the key works, watch webhooks."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta, timezone, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from merchant_sdk import importing, layouts
from merchant_sdk.client import Client
from merchant_sdk.columns import find_columns
from merchant_sdk.errors import ApiError, AuthenticationError, PermissionDenied, QuantongError
from merchant_sdk.importing import Import
from merchant_sdk.journal import Journal
from merchant_sdk.layouts import Layout
from merchant_sdk.listening import listener
from merchant_sdk.offline import OfflineQueue
from merchant_sdk.progress import Progress
from merchant_sdk.tables import TableError, open_table
from merchant_sdk.version import __version__

ALL_WELL, REFUSED, FAILED, INTERRUPTED = 0, 1, 2, 130
CHINA = "Asia/Shanghai"
EPILOG = "Exit codes: 0 all is well, 1 something was refused, 2 it couldn't be done (run it again)."


class Failure(Exception):
    """Ends the command; the words are for its user."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command and gives its exit code."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    options = _parser().parse_args(argv)
    try:
        code: int = options.run(options)
    except KeyboardInterrupt:
        _warn("interrupted")
        return INTERRUPTED
    except ApiError as error:
        _warn(f"the server refused: {error}")
        return FAILED
    except (Failure, QuantongError, TableError, OSError) as error:
        _warn(str(error))
        return FAILED
    return code


def report(options: argparse.Namespace) -> int:
    """Reports the rows of a file as sales."""
    return _send_table(options, layouts.SALES, lambda client: client.transactions.report_batch)


def refund(options: argparse.Namespace) -> int:
    """Reports the rows of a file as refunds."""
    return _send_table(options, layouts.REFUNDS, lambda client: client.transactions.refund_batch)


def _send_table(options: argparse.Namespace, layout: Layout, how: Callable[[Client], importing.Sends]) -> int:
    table = open_table(options.file)
    columns = find_columns(
        table.header,
        layout,
        given=_pairs(options.map),
        constants=_pairs(options.set),
        time_zone=_time_zone(options.time_zone),
        unit=options.unit,
        is_now=options.now,
    )
    if columns.ignored:
        _warn(f"columns that are not sent: {', '.join(columns.ignored)}")
    journal_path, rejected_path = _sidecars(options.file)
    with _client(options) as client:
        key = importing.journal_key(table, columns, options.base_url, options.key)
        progress = Progress(sys.stderr, layout.title, table.count())
        with Journal(journal_path, key) as journal:
            work = Import(how(client), table, columns, journal, progress)
            try:
                work.run()
            except QuantongError:
                _warn(f"{work.totals.answered} rows are done; run it again to go on")
                raise
            finally:
                importing.write_rejected(rejected_path, table, layout.why, work.refused)
    totals = work.totals
    _say(f"{totals.recorded} recorded, {totals.known} known already, {totals.before} in an earlier run")
    if totals.rejected:
        _say(f"{totals.rejected} rejected: {rejected_path}")
    return REFUSED if totals.rejected else ALL_WELL


def status(options: argparse.Namespace) -> int:
    """Says whether the key works, and what lies in a queue."""
    if not options.key and not options.queue:
        raise Failure("say which key (--key or QUANTONG_API_KEY), or which --queue")
    codes = [_queue_status(options.queue)] if options.queue else []
    if options.key:
        codes.append(_key_status(options))
    return max(codes)


def listen(options: argparse.Namespace) -> int:
    """Shows webhooks until Ctrl-C."""
    secrets = options.secret or os.environ.get("QUANTONG_WEBHOOK_SECRET", "").split()
    if not secrets:
        raise Failure("say which --secret (or QUANTONG_WEBHOOK_SECRET): whsec_…")
    try:
        server = listener(options.host, options.port, secrets, _say)
    except ValueError as error:
        raise Failure(str(error)) from None
    with server:
        _say(f"listening on http://{options.host}:{server.server_address[1]}/ (Ctrl-C ends)")
        server.serve_forever(poll_interval=0.1)
    return ALL_WELL


def _queue_status(path: Path) -> int:
    if not path.is_file():
        raise Failure(f"{path}: no such file")
    with OfflineQueue(path) as queue:
        counts = queue.counts()
        since = f", since {counts.oldest_waiting_at:%Y-%m-%d %H:%M:%S} UTC" if counts.oldest_waiting_at else ""
        _say(f"queue: {counts.waiting} waiting{since}; {counts.rejected} rejected")
        for item in queue.rejected()[:20]:
            _say(f"  {item.id}  {item.kind} {item.reference}: {item.error}")
    return REFUSED if counts.rejected else ALL_WELL


def _key_status(options: argparse.Namespace) -> int:
    with _client(options, retries=1) as client:
        try:
            client.request("GET", "/v1/transactions", params={"limit": 1})
        except AuthenticationError as error:
            _say(f"key: refused ({error})")
            return REFUSED
        except PermissionDenied as error:
            _say(f"key: works, but may not read sales ({error.detail})")
            return ALL_WELL
    _say("key: works")
    return ALL_WELL


def _client(options: argparse.Namespace, retries: int = 4) -> Client:
    if not options.base_url or not options.key:
        raise Failure("say where (--base-url or QUANTONG_BASE_URL) and with which key (--key or QUANTONG_API_KEY)")
    try:
        return Client(options.key, options.base_url, retries=retries)
    except ValueError as error:
        raise Failure(str(error)) from None


def _sidecars(path: Path) -> tuple[Path, Path]:
    """The journal and the file of rejected rows, beside the input."""
    return path.with_name(f"{path.name}.journal"), path.with_name(f"{path.stem}.rejected.csv")


def _pairs(texts: Sequence[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in texts]
    if wrong := [text for text, (_, equals, value) in zip(texts, pairs, strict=True) if not (equals and value)]:
        raise Failure(f"{wrong[0]!r}: NAME=VALUE is needed")
    return {name.strip(): value.strip() for name, _, value in pairs}


def _time_zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        if name == CHINA:  # Windows knows no zones; China has had one offset since 1991
            return timezone(timedelta(hours=8), CHINA)
        raise Failure(f"{name}: no such time zone here") from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="quantong-merchant", description=__doc__, epilog=EPILOG)
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    where = argparse.ArgumentParser(add_help=False)
    where.add_argument("--base-url", default=os.environ.get("QUANTONG_BASE_URL"), help="default: QUANTONG_BASE_URL")
    where.add_argument("--key", default=os.environ.get("QUANTONG_API_KEY"), help="default: QUANTONG_API_KEY")
    reports = commands.add_parser("report", parents=[where], help="report a CSV or XLSX of sales", epilog=EPILOG)
    _add_table(reports, layouts.SALES)
    reports.set_defaults(run=report)
    refunds = commands.add_parser("refund", parents=[where], help="report a CSV or XLSX of refunds", epilog=EPILOG)
    _add_table(refunds, layouts.REFUNDS)
    refunds.set_defaults(run=refund)
    looks = commands.add_parser("status", parents=[where], help="does the key work? what waits?", epilog=EPILOG)
    looks.add_argument("--queue", type=Path, help="the file of an OfflineQueue")
    looks.set_defaults(run=status)
    listens = commands.add_parser("listen", help="show webhooks while developing")
    listens.add_argument("--host", default="127.0.0.1")
    listens.add_argument("--port", type=int, default=8787)
    listens.add_argument("--secret", action="append", help="whsec_…; several may be given")
    listens.set_defaults(run=listen)
    return parser


def _add_table(parser: argparse.ArgumentParser, layout: Layout) -> None:
    add = parser.add_argument
    add("file", type=Path, help="its first row names the columns; others than the known ones with --map")
    add("--map", action="append", default=[], metavar="COLUMN=FIELD", help=f"fields: {', '.join(layout.aliases)}")
    add("--set", action="append", default=[], metavar="FIELD=VALUE", help=f"for all rows, say {layout.sample}")
    add("--unit", choices=["yuan", "fen"], help="of amounts; default: yuan, or what the column's name says")
    add("--time-zone", default=CHINA, help=f"of times without an offset; default: {CHINA}")
    add("--now", action="store_true", help=f"{layout.title} without a column of times happened now")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _warn(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()

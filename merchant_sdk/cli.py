"""`quantong-merchant`: report a table of sales or refunds, look whether the key works, check statements, watch webhooks."""

from __future__ import annotations

import argparse
import locale
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import time, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from merchant_sdk._calls.client import Client
from merchant_sdk._command import checking, importing
from merchant_sdk._command.checking import DoesNotHold
from merchant_sdk._command.importing import Import
from merchant_sdk._command.journal import Journal
from merchant_sdk._command.listening import listener
from merchant_sdk._command.progress import Progress
from merchant_sdk._http.errors import ApiError, AuthenticationError, PermissionDenied, QuantongError
from merchant_sdk._offline.queue import OfflineQueue
from merchant_sdk._tables import layouts
from merchant_sdk._tables.headers import CHINA
from merchant_sdk._tables.layouts import Layout
from merchant_sdk._tables.plans import Options, Plan, plan_of
from merchant_sdk._tables.profiles import NO_PROFILE, PROFILES
from merchant_sdk._tables.words import CHINESE, ENGLISH, TableError, language_of, say
from merchant_sdk._version import __version__

ALL_WELL, REFUSED, FAILED, INTERRUPTED = 0, 1, 2, 130
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
    except TableError as error:
        _warn(error.say(options.language))
        return FAILED
    except (Failure, QuantongError, OSError) as error:
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
    plan = plan_of(options.file, layout, _said_of_table(options))
    for note in plan.notes(options.language):
        _warn(note)
    if options.dry_run:
        lines, rejected = plan.preview(options.language)
        _say("\n".join(lines))
        return REFUSED if rejected else ALL_WELL
    with _client(options) as client:
        return _run_import(options, plan, layout, how(client))


def _said_of_table(options: argparse.Namespace) -> Options:
    return Options(
        columns=_pairs(options.map),
        constants=_pairs(options.set),
        time_zone=_time_zone(options.time_zone),
        unit=options.unit,
        at=options.at,
        ignore=options.ignore,
        profile=options.profile,
        sheet=options.sheet,
        is_now=options.now,
        is_summing=options.sum_lines,
        is_mixed=options.negative_are_refunds,
    )


def _run_import(options: argparse.Namespace, plan: Plan, layout: Layout, sends: importing.Sends) -> int:
    journal_path, rejected_path = _sidecars(options.file, options.sheet)
    key = importing.journal_key(plan.table, plan.columns, options.base_url, options.key, is_summing=options.sum_lines)
    progress = Progress(sys.stderr, layout.title, plan.judge.survey.count)
    with Journal(journal_path, key) as journal:
        work = Import(sends, plan.judge, journal, progress)
        try:
            work.run()
        except QuantongError:
            _warn(say("done-so-far", options.language, count=work.totals.answered))
            raise
        finally:
            importing.write_rejected(rejected_path, plan.table, layout.why, work.refused, options.language)
    for line in _summary(work, rejected_path, options.language):
        _say(line)
    return REFUSED if work.totals.rejected else ALL_WELL


def _summary(work: Import, rejected_path: Path, language: str) -> Iterator[str]:
    totals = work.totals
    yield say("counts", language, recorded=totals.recorded, known=totals.known, before=totals.before)
    for kind, count in totals.aside.items():
        yield say("aside-count", language, count=count, why=work.set_aside[kind])
    if totals.twice:
        yield say("twice-count", language, count=totals.twice)
    if totals.rejected:
        yield say("rejected-count", language, count=totals.rejected, path=rejected_path)


def status(options: argparse.Namespace) -> int:
    """Says whether the key works, and what lies in a queue."""
    if not options.key and not options.queue:
        raise Failure("say which key (--key or QUANTONG_API_KEY), or which --queue")
    codes = [_queue_status(options.queue)] if options.queue else []
    if options.key:
        codes.append(_key_status(options))
    return max(codes)


def check(options: argparse.Namespace) -> int:
    """Recomputes statements from their files, and holds each against the one before it."""
    before = None
    try:
        for path in options.files:
            held = checking.check(checking.read(path))
            if before is not None:
                checking.check_order(before, held)
            before = held
            _say(say("check-holds", options.language, **held.told()))
        if before is not None and options.hash not in (None, before.hash):
            raise DoesNotHold("check-noted", found=before.hash)
    except DoesNotHold as error:
        _say(f"{path}: {error.say(options.language)}")
        return REFUSED
    if len(options.files) > 1:
        _say(say("check-in-order", options.language, count=len(options.files)))
    return ALL_WELL


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
        return Client(options.key, options.base_url, retries=retries, language=getattr(options, "language", None))
    except ValueError as error:
        raise Failure(str(error)) from None


def _sidecars(path: Path, sheet: str | None) -> tuple[Path, Path]:
    """The journal and the file of rejected rows, beside the input; each sheet that is asked for has its own."""
    part = f".{sheet}" if sheet else ""
    return path.with_name(f"{path.name}{part}.journal"), path.with_name(f"{path.stem}{part}.rejected.csv")


def _pairs(texts: Sequence[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in texts]
    if wrong := [text for text, (_, equals, value) in zip(texts, pairs, strict=True) if not (equals and value)]:
        raise Failure(f"{wrong[0]!r}: NAME=VALUE is needed")
    return {name.strip(): value.strip() for name, _, value in pairs}


def _time_of_day(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no time of a day (say 12:00)") from None


def _time_zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        if name == str(CHINA):  # Windows knows no zones
            return CHINA
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
    checks = commands.add_parser("check", help="recompute statements from their files (JSON)", epilog=EPILOG)
    checks.add_argument("files", type=Path, nargs="+", metavar="FILE", help="of one party, the earliest period first")
    checks.add_argument("--hash", metavar="HEX", help="of the last one's period, as it was noted elsewhere")
    _add_language(checks)
    checks.set_defaults(run=check)
    listens = commands.add_parser("listen", help="show webhooks while developing")
    listens.add_argument("--host", default="127.0.0.1")
    listens.add_argument("--port", type=int, default=8787)
    listens.add_argument("--secret", action="append", help="whsec_…; several may be given")
    listens.set_defaults(run=listen)
    return parser


def _add_table(parser: argparse.ArgumentParser, layout: Layout) -> None:
    add = parser.add_argument
    add("file", type=Path, help="a row of names, and rows below it; columns by other names with --map")
    add("--map", action="append", default=[], metavar="COLUMN=FIELD", help=f"fields: {', '.join(layout.aliases)}")
    add("--set", action="append", default=[], metavar="FIELD=VALUE", help=f"for all rows, say {layout.sample}")
    add("--unit", choices=["yuan", "fen"], help="of amounts; default: yuan, or what the column's name says")
    add("--time-zone", default=str(CHINA), help=f"of times without an offset; default: {CHINA}")
    add("--at", type=_time_of_day, metavar="HH:MM", help="the time of rows that name a day alone")
    add("--now", action="store_true", help=f"{layout.title} without a column of times happened now")
    bills = [*PROFILES, NO_PROFILE]
    add("--profile", choices=bills, help="a bill whose form is known; default: the one whose columns these are")
    add("--sheet", metavar="NAME", help="of an XLSX; default: the only one that holds the columns")
    add("--ignore", action="append", default=[], metavar="COLUMN[=VALUE]", help="not sent; with VALUE: nor such rows")
    add("--sum-lines", action="store_true", help="rows that bear one number are lines of one receipt: add them up")
    both = f"the table holds both: {layout.title} are the rows {'below' if layout.may_be_negative else 'above'} 0"
    add("--negative-are-refunds", action="store_true", help=f"{both}, or that say so; the others are left out")
    add("--dry-run", action="store_true", help="show the first rows as they would be sent, and send nothing")
    _add_language(parser)


def _add_language(parser: argparse.ArgumentParser) -> None:
    language = language_of(os.environ, locale.getlocale()[0])
    chosen = f"of reasons; default: {language}"
    parser.add_argument("--language", choices=[CHINESE, ENGLISH], default=language, help=chosen)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _warn(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()

"""`quantong up`: everything on one machine, from an empty folder to a shop that can sell, until Ctrl-C."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPException
from pathlib import Path
from types import FrameType
from typing import Any

import click

from app.launcher import lan
from app.launcher.postgres import APPLICATION, OWNER, EmbeddedPostgres
from app.launcher.programs import Program
from app.launcher.programs import stop as stop_programs
from app.launcher.secrecy import is_private
from app.launcher.supervisor import Supervisor, Watched, read_procfile
from app.launcher.trying import provider_for_trying, settings_for_trying
from app.launcher.valkey import EmbeddedValkey

HOST = "127.0.0.1"
DATABASE = "quantong"
ENVIRONMENT = "environment.json"
OURS = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "PUBLIC_URL")
"""What a running product tells other commands, besides its secrets: they find its servers by it."""
START_SECONDS = 60.0
KEYS = ("ENCRYPTION_KEYS", "INDEX_KEYS", "SIGNING_KEYS")


LOCAL = {"WEBHOOK_ALLOW_HTTP": "1", "WEBHOOK_ALLOW_PRIVATE": "1", "SMS_SENDER": "inbox"}
"""Whoever tries the product on one machine receives webhooks there, and text messages, too."""
INBOX = "/sms-inbox"


class CannotStart(RuntimeError):
    """Something on this machine is in the way; the words say what to do."""


class Stopped(BaseException):
    """Ctrl-C or SIGTERM, at any moment."""


def up(*, port: int, var: Path, procfile: Path, demo: bool, on_lan: bool = False) -> int:
    """Runs the product until it is told to stop, also for the local network if asked to; gives the exit code."""
    told = threading.Event()
    with _stopping_gently(told):
        try:
            with ExitStack() as stack:
                _run(stack, told, port, var, procfile, demo, lan.own_address() if on_lan else None)
        except Stopped:
            click.echo("stopped")
        except (RuntimeError, ValueError, OSError) as error:  # a server, the Procfile, a folder
            click.echo(str(error), err=True)
            return 1
    return 0


@contextmanager
def _stopping_gently(told: threading.Event) -> Iterator[None]:
    """The first signal raises Stopped where we are; further ones change nothing, for we are stopping already."""

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        if not told.is_set():
            told.set()
            raise Stopped

    names = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {name: signal.signal(name, on_signal) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


def _run(
    stack: ExitStack, told: threading.Event, port: int, var: Path, procfile: Path, demo: bool, address: str | None
) -> None:
    var.mkdir(parents=True, exist_ok=True)
    _refuse_taken_port(port)
    if address is not None:
        _refuse_taken_port(lan.port_beside(port))
    stack.enter_context(_only_one(var / "lock"))
    env, servers = _environment(stack, port, var, address)
    hold = Path(env["HOLD_READY_FILE"])
    hold.touch()
    stack.enter_context(_told_to_others(var / ENVIRONMENT, env))
    _command(["migrate"], env)
    programs = read_procfile(procfile, env)
    beside = (*_for_the_network(programs, port, var, address), *provider_for_trying(env, _here(port), var))
    supervisor = Supervisor([*programs, *beside], servers)
    stack.callback(supervisor.stop)
    supervisor.start()
    _wait_until_it_answers(port, supervisor)
    if demo:
        base = _here(port) if address else env["PUBLIC_URL"]
        inbox = ["--sms-inbox", base + INBOX] if env["SMS_SENDER"] == "inbox" else []
        out = var / "demo.json"
        _command(["demo", "--quick", "--base-url", base, "--out", str(out), *inbox], {**env, **_operator_of(out, env)})
    hold.unlink(missing_ok=True)
    click.echo(_welcome(env, var, has_demo=demo, address=address))
    supervisor.run(until=told)


def _operator_of(demo: Path, env: Mapping[str, str]) -> dict[str, str]:
    """An invitation for the demo's operator, unless there is one; in the environment, for arguments are everybody's to read."""
    if demo.exists() and json.loads(demo.read_text()).get("staff"):
        return {}
    login = f"operator-{secrets.token_hex(2)}@quantong.example"
    said = _command(["staff", "invite", "--login", login, "--name", "陈默"], env)
    link = next(line for line in said.splitlines() if "/invitations/" in line)
    return {"DEMO_OPERATOR_INVITATION": f"{login} {link}"}


def _refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise CannotStart(
                f"Port {port} is taken ({error.strerror}). Stop what listens there, or choose another: "
                f"PORT={port + 1} make run"
            ) from error


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CannotStart(f"Quantong runs already on the data in {path.parent}.") from error
        yield


def _for_the_network(programs: list[Program], port: int, var: Path, address: str | None) -> Iterator[Program]:
    if address:
        files = lan.make_certificate(var / "lan", address)
        yield from (lan.listener(one, lan.port_beside(port), files) for one in programs if one.name == "web")


def _here(port: int) -> str:
    return f"http://{HOST}:{port}"


def _environment(stack: ExitStack, port: int, var: Path, address: str | None) -> tuple[dict[str, str], list[Watched]]:
    """The environment of every program, and the servers started for it."""
    env = {**_kept_secrets(var / "secrets.json"), **os.environ}
    env |= {
        "PORT": str(port),
        "PUBLIC_URL": os.environ.get("PUBLIC_URL")
        or (f"https://{address}:{lan.port_beside(port)}" if address else _here(port)),
        "HOLD_READY_FILE": str((var / "loading").resolve()),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "PYTHONUNBUFFERED": "1",
        "LOG_FORMAT": os.environ.get("LOG_FORMAT") or ("text" if sys.stdout.isatty() else "json"),
        "METRICS_PORT": os.environ.get("METRICS_PORT") or str(_free_port_after(port)),
        "PROMETHEUS_MULTIPROC_DIR": str(_emptied(var / "metrics")),
        **{name: os.environ.get(name, value) for name, value in LOCAL.items()},
        **settings_for_trying(os.environ, _free_port_after(port + 1)),
        "SMS_INBOX_FILE": os.environ.get("SMS_INBOX_FILE") or str((var / "sms.jsonl").resolve()),
    }
    servers: list[Watched] = []
    if not env.get("DATABASE_URL"):
        click.echo("starting PostgreSQL …")
        postgres = stack.enter_context(EmbeddedPostgres(var / "postgres"))
        postgres.create_database(DATABASE)
        env["DATABASE_URL"] = postgres.url(APPLICATION, DATABASE)
        env["DATABASE_OWNER_URL"] = postgres.url(OWNER, DATABASE)
        servers.append(postgres)
    if not env.get("REDIS_URL"):
        click.echo("starting Valkey …")
        valkey = stack.enter_context(EmbeddedValkey(var / "valkey"))
        env["REDIS_URL"] = valkey.url
        servers.append(valkey)
    return env, servers


def _free_port_after(port: int) -> int:
    """The next port, for metrics and the like; 0 (none) where something listens there: they are no reason not to start."""
    with socket.socket() as probe, suppress(OSError, OverflowError):
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((HOST, port + 1))
        return port + 1
    return 0


def _emptied(folder: Path) -> Path:
    """A folder without what processes of an earlier run have left in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder.resolve()


def _kept_secrets(path: Path) -> dict[str, str]:
    """The secrets of this installation, made at the first start and readable by nobody else."""
    with suppress(FileNotFoundError):
        kept: dict[str, str] = json.loads(path.read_text())
        return kept
    made = {name: f"1:{base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip('=')}" for name in KEYS}
    made["OPERATOR_KEY"] = f"ok_live_{secrets.token_urlsafe(32)}"
    _write_private(path, made)
    return made


@contextmanager
def _told_to_others(path: Path, env: Mapping[str, str]) -> Iterator[None]:
    """While we run, `quantong` commands started beside us work on the same servers."""
    _write_private(path, {name: env[name] for name in (*OURS, *KEYS, "OPERATOR_KEY") if name in env})
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def adopt_environment(var: Path) -> None:
    """Takes the settings of the product that runs on a folder, where the environment has none of its own."""
    with suppress(FileNotFoundError):
        if "DATABASE_URL" not in os.environ:
            for name, value in json.loads((var / ENVIRONMENT).read_text()).items():
                os.environ.setdefault(name, value)


def _write_private(path: Path, value: Mapping[str, str]) -> None:
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        json.dump(value, file, indent=1)  # a named temporary file has mode 0600
    Path(file.name).replace(path)


def _command(words: list[str], env: Mapping[str, str]) -> str:
    """Runs a `quantong` command to its end; gives what those say that ours are to hear. Raises CannotStart if it fails."""
    program = Program(words[0], [sys.executable, "-m", "app.cli", *words], env)
    process = program.start(None if words[0] == "demo" else subprocess.PIPE)
    try:
        output, _ = process.communicate()
    finally:
        stop_programs([(program, process)], patience_seconds=5)
    if process.returncode:
        raise CannotStart(f"`quantong {words[0]}` failed.\n{(output or b'').decode(errors='replace')}")
    return (output or b"").decode(errors="replace")


def _wait_until_it_answers(port: int, supervisor: Supervisor) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        with suppress(OSError, HTTPException), urllib.request.urlopen(f"http://{HOST}:{port}/healthz", timeout=2):
            return
        if time.monotonic() > deadline:
            raise CannotStart(f"The web server doesn't answer on port {port}.")
        supervisor.look_after()
        time.sleep(0.1)


def _for_phones(env: Mapping[str, str], slug: str, port: int, address: str | None) -> list[str]:
    """How a phone in the same network opens the product."""
    if address is None:
        return [f"  on a phone     LAN=1 make run lets phones of this network in, at https://…:{lan.port_beside(port)}"]
    return [
        f"  on a phone     {env['PUBLIC_URL']}/s/{slug}/",
        "                 Nobody vouches for the certificate that was made for this: the browser asks once whether to go on.",
        "                 Everybody in this network can open the product now, and read sign-in codes where they are shown.",
    ]


def _welcome(env: Mapping[str, str], var: Path, *, has_demo: bool, address: str | None) -> str:
    """Where to click, and the demo's keys; where standard output is no terminal, the files that hold the keys."""
    base, shown = env["PUBLIC_URL"], is_private()
    lines = ["", f"  圈通 Quantong is ready: {base}/readyz"]
    lines.append(f"  operator key   {env['OPERATOR_KEY'] if shown else var / 'secrets.json'}")
    if has_demo:
        told = json.loads((var / "demo.json").read_text())
        district = told["districts"][0]
        lines.append(f"  demo district  {district['slug']} ({district['id']})")
        lines.append(f"  a shopper      {base}/s/{district['slug']}/")
        lines.append(f"  demo member    {district['member']['phone']} ({district['member']['member_id']})")
        lines.append(f"  {len(district['campaigns']):2} campaigns   {base}/v1/districts/{district['slug']}/offers")
        lines += _for_phones(env, district["slug"], int(env["PORT"]), address)
        lines.append(f"  console        {_by_name(base)}/console/")
        lines += (
            [*_sign_ins_of([*district["staff"], *told.get("staff", ())]), *_keys_of(district, base)] if shown else []
        )
        lines.append(f"  all keys       {var / 'demo.json'}")
    if env["SMS_SENDER"] == "inbox":
        lines.append(f"  sign-in codes  {base}{INBOX} (and {env['SMS_INBOX_FILE']})")
    if env["METRICS_PORT"] != "0":
        lines.append(f"  metrics        http://{HOST}:{env['METRICS_PORT']}/metrics")
    return "\n".join([*lines, "  Ctrl-C stops it; the data stays.", ""])


def _by_name(base: str) -> str:
    """An address of this machine by its name, for browsers give addresses of figures no passkeys."""
    return base.replace(f"//{HOST}:", "//localhost:")


def _sign_ins_of(staff: Sequence[Mapping[str, Any]]) -> list[str]:
    """Who signs in at the console; `key` is what an authenticator makes codes from."""
    return [
        f"    {one['role']:18}{one['login']}  {one['password']}"
        + (f"  key {one['totp_secret']}" if one["totp_secret"] else "")
        for one in staff
    ]


def _keys_of(district: Mapping[str, Any], base: str) -> list[str]:
    merchant = district["merchants"][0]
    return [
        f"  alliance key   {district['alliance_key']}",
        f"  merchant {merchant['code']}  {merchant['key']}",
        f"  try            curl -H 'Authorization: Bearer {merchant['key']}' {base}/v1/transactions?limit=1",
    ]

"""A payment provider without money beside a product that is only tried: never where somebody has named one, nor in public."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from app.launcher.programs import Program

HOST = "127.0.0.1"
THEIRS = ("STRIPE_ADDRESS", "STRIPE_SECRET_KEY", "PUBLIC_URL")
"""Whoever has set one of these means it."""
OPERATOR = f"dis_{'0' * 32}"
"""Where events for the operator go."""


def settings_for_trying(given: Mapping[str, str], port: int) -> dict[str, str]:
    """What tells the product of a provider that answers on a port; nothing where the environment says otherwise, or port is 0."""
    if not port or any(given.get(name) for name in THEIRS):
        return {}
    return {
        "STRIPE_ADDRESS": f"http://{HOST}:{port}",
        "STRIPE_SECRET_KEY": "sk_test_operator",
        "STRIPE_WEBHOOK_SECRETS": f"whsec_{secrets.token_urlsafe(24)}",
    }


def provider_for_trying(env: Mapping[str, str], here: str, var: Path) -> Iterator[Program]:
    """The program that answers there, where there is one."""
    begin = f"http://{HOST}:"
    if env.get("STRIPE_ADDRESS", "").startswith(begin) and env.get("STRIPE_SECRET_KEY") == "sk_test_operator":
        words = [sys.executable, "-m", "demo.provider", "--port", env["STRIPE_ADDRESS"].removeprefix(begin)]
        words += ["--kept-in", str((var / "provider.json").resolve())]
        words += ["--events-to", f"{here}/v1/provider-events/{OPERATOR}"]
        yield Program("provider", words, env)

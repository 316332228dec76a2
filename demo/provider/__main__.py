"""`python -m demo.provider`: serves the provider for trying until it is stopped, and posts its events to the product."""

from __future__ import annotations

import json
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from urllib.error import HTTPError

import click

from demo.provider.books import Books
from demo.provider.desk import Desk
from demo.provider.serving import serving
from demo.provider.telling import letter

PAUSE_SECONDS = 0.2
PATIENCE_SECONDS = 5


@click.command("provider")
@click.option("--port", type=int, required=True, help="Where it answers, on this machine only.")
@click.option(
    "--kept-in", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Where its books are kept."
)
@click.option("--key", envvar="STRIPE_SECRET_KEY", required=True, help="Whose events are told.")
@click.option("--secret", envvar="STRIPE_WEBHOOK_SECRETS", required=True, help="What signs them.")
@click.option("--events-to", required=True, help="Where they are posted.")
def provider(port: int, kept_in: Path, key: str, secret: str, events_to: str) -> None:
    """Serve a payment provider for trying, with Stripe's API and without money, until it is stopped."""
    desk = Desk()
    books = desk.books_of(key)
    told = _take_up(books, kept_in)
    kept = told, books.made
    with serving(desk, port):
        while True:
            time.sleep(PAUSE_SECONDS)
            with desk.lock:
                waiting = [letter(event, [secret], desk.clock()) for event in books.events[told:]]
            told += _tell(waiting, events_to)
            if (told, books.made) != kept:
                kept = told, books.made
                _keep(desk, books, told, kept_in)


def _tell(letters: list[tuple[bytes, dict[str, str]]], address: str) -> int:
    """Posts letters one after the other; says how many somebody took, or refused for good."""
    for number, (body, headers) in enumerate(letters):
        request = urllib.request.Request(address, body, headers)  # noqa: S310 - the product's own address
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS):  # noqa: S310
                pass
        except HTTPError as error:
            if error.code >= 500:
                return number
        except OSError:
            return number
    return len(letters)


def _take_up(books: Books, file: Path) -> int:
    """What an earlier run has kept; says how many events were told."""
    with suppress(FileNotFoundError):
        kept = json.loads(file.read_text())
        books.things |= kept["things"]
        books.events += [books.things[one] for one in kept["events"]]
        books.made = len(books.things)
        return int(kept["told"])
    return 0


def _keep(desk: Desk, books: Books, told: int, file: Path) -> None:
    with desk.lock:
        state = {"things": books.things, "events": [one["id"] for one in books.events], "told": told}
        text = json.dumps(state)
    file.write_text(text)


if __name__ == "__main__":
    provider()

"""A process of an import's job that works by fours and stops within the third set that it reads, records or takes back."""

from __future__ import annotations

import sys

from app.factory import create_app
from app.foundation.clock import utc_now
from app.imports import working, writing
from tests.factories.stopped import Stop


def main(step: str, district_id: str, import_id: str) -> None:
    """Works."""
    working.LINES_A_SET = working.ROWS_A_SET = 4
    name = "add_lines" if step == "reading" else "end_lines"
    setattr(writing, name, Stop(at=3).after(getattr(writing, name)))
    with create_app(clock=utc_now).app_context():
        working.work_on(district_id, import_id)


if __name__ == "__main__":
    main(*sys.argv[1:4])

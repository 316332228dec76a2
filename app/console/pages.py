"""The doors with all of their pages."""

from __future__ import annotations

from app.console.access import account as account_pages
from app.console.access import people, signing, tills
from app.console.door import account, console
from app.console.home import figures
from app.console.registers import cases, changing, leaving, members, merchants, posters, sales

DOORS = (account, console)
PAGES = (account_pages, cases, changing, figures, leaving, members, merchants, people, posters, sales, signing, tills)
"""What declares pages: they are imported so that the doors have them."""

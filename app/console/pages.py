"""The doors with all of their pages."""

from __future__ import annotations

from app.console.access import account as account_pages
from app.console.access import people, signing, tills
from app.console.clearing import accounts, disputes, payments, periods, statements
from app.console.clearing import terms as settlement_terms
from app.console.door import account, console
from app.console.home import figures, overview
from app.console.installation import bills, tenants, usage
from app.console.offers import campaigns, coupons, editing, errands, redemptions
from app.console.programme import drafts, publishing, rehearsing, rule_pages, tiers
from app.console.registers import cases, changing, leaving, members, merchants, posters, sales
from app.console.settings import billing, keys, log, terms, webhooks
from app.console.work import exports, imports, tray

DOORS = (account, console)
PAGES = (
    *(account_pages, people, signing, tills),
    *(overview, figures),
    *(cases, changing, leaving, members, merchants, posters, sales),
    *(campaigns, editing, errands, coupons, redemptions),
    *(drafts, publishing, rehearsing, rule_pages, tiers),
    *(accounts, disputes, payments, periods, statements, settlement_terms),
    *(keys, log, terms, webhooks),
    *(tenants, usage),
    *(periods, statements, settlement_terms),
    *(accounts, payments, periods, statements, settlement_terms),
    *(billing, keys, log, terms, webhooks),
    *(tenants, usage, bills),
    *(imports, exports, tray),
)
"""What declares pages: they are imported so that the doors have them."""

"""The door with all of its pages, for the application."""

from __future__ import annotations

from app.shopper import card, cases, coupons, joining, looks, me, notices, points, posters, proving, receipts, shops
from app.shopper.door import shopper

PAGES = (card, joining, receipts, points, coupons, shops, me, notices, cases, proving, posters, looks)
"""Modules that declare pages; they are known once they are imported."""
DOOR = shopper

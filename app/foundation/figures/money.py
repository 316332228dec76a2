"""Money: integers in the currency's minor unit (fen)."""

MAX_AMOUNT = 10_000_000_000
"""The largest amount of one sale, in minor units."""

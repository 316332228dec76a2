"""Statements become payments: collections at once, payouts out of confirmed cash, shared where it is short."""

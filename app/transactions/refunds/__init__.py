"""Refunds: money, discount and points given back on a sale."""

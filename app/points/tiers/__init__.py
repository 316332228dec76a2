"""Tiers: who reaches one, how long it is held, and what members bought by day."""

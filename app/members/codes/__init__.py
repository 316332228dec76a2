"""Member codes: keys that phones make them from, how tills show and guess them, and tokens of presence."""

"""Periods sealed as they are closed: rows of statements in trees, and hashes that hang together."""

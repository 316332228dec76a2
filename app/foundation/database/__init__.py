"""Talking to PostgreSQL: the engine, units of work and what they send, in sets and pipelines; the outbox that they fill."""

"""Calls about money between shops: what they owe, are owed, and have deposited."""

"""Statements that are disputed or held back, and corrections, which two people make."""

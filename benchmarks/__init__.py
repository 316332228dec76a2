"""Measures the product against what the database alone can do; every figure a ratio within one run."""

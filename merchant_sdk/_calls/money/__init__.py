"""Calls by which money moves."""

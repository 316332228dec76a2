"""Payments: money asked for and paid out, once, whatever fails on the way; the port to who moves it, and its adapters."""

"""The whole product under `kill -9`: tills sell, a receiver listens, everything is killed again and again.

In the end each sale that a till was promised is there once, and each event has arrived.
"""

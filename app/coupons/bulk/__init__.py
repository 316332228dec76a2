"""Coupons by the thousand, in the queue: codes for bearers."""

"""Campaigns: what coupons are worth, to whom and when they are given, and how many."""

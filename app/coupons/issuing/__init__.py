"""Coupons come to members, within the limits of their campaigns, and go again: expired, voided, moved."""

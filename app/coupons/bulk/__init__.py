"""Coupons by the thousand, in the queue: codes for bearers, who bind them; all of a campaign taken back."""

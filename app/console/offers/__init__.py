"""Offers: campaigns in words, their codes and issues, coupons by their codes, and redemptions that wait for a review."""

"""Coupons that nobody claims: given to members whom somebody names or describes."""

"""Coupons that members claim, for nothing or for points: whoever spends for them shows that they are there."""

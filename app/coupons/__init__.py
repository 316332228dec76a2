"""Coupons: campaigns that offer them, coupons that members hold, what they take off bills."""

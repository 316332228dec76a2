"""Coupons on bills: presented, held, redeemed, and given back."""

"""Quantong: one membership, one purse of points and one set of coupons for a whole business district."""

"""What coupons take off a bill: reckoned by pure functions, without a database."""

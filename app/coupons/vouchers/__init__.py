"""Government vouchers: screened when they are redeemed, reviewed by the alliance, told to the authority row by row."""

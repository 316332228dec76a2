"""Tills of stores: made, paired with a browser, opened by a cashier's PIN for a shift, revoked."""

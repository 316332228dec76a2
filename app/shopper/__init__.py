"""The shopper's door, `/s/<slug>/`: join, the card, points, coupons, shops, receipts, and what is one's own to decide."""

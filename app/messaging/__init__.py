"""What the product tells others: events as they happened, and webhooks that carry them."""

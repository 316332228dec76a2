"""How a call reaches the product: requests, attempts, and what went wrong."""

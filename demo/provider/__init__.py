"""A payment provider for trying: what Stripe's API does with money, by rules alone, and served over HTTP on this machine."""

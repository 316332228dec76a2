"""The tenant: districts, their merchants and stores, and the API keys by which they speak."""

"""Settings: what the district is and what its points mean, keys, webhooks, and who did what."""

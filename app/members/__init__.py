"""Members of a district and of its merchants: identities, consents, numbers."""

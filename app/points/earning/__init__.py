"""What a sale earns, as pure functions: no database, no unit of work."""

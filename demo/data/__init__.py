"""Purchase data that the demo reads; see README.md beside it."""

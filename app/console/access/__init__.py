"""Sign-in, one's own account, who works here, and tills."""

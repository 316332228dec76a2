"""Sign-in of staff, and the sessions that begin with it."""

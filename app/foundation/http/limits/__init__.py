"""How much one caller may take: calls, strangers, turns, and the time of a body."""

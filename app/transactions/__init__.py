"""Sales that merchants report: the one place where money, members and points meet."""

"""Files that people open in programs of their own: tables."""

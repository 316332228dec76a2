"""A district's terms: its programme and the numbered versions of its rules."""

"""Numbers that change: with proofs, notices to the old one, and a week's wait."""

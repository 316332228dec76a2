"""Rules as sentences, rehearsed and published, and the ladder of tiers."""

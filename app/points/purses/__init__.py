"""What members hold: balances and lots, and every movement of points."""

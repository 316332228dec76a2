"""What a district offers to whoever passes by."""

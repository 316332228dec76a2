"""What tells an operator how it runs: fitness at start, health, and its figures."""

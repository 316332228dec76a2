"""The adapter of banks' files: batches of payments as banks take them, and what the bank's file says became of them."""

"""What the command `quantong-merchant` does with a table or a webhook."""

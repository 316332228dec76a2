"""What is answered where money moves."""

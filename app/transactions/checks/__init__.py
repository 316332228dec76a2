"""What must hold between sales and what hangs on them; `app/books.py` runs them."""

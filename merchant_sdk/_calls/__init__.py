"""What can be asked of the product, by resource, and the client that holds it."""

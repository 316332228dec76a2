"""Member codes and presence tokens as tills show them."""

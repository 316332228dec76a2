"""Sessions and their tokens, and the key that codes of a signed-in phone are made with."""

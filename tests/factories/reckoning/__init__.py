"""A district's points reckoned by pencil: what the product must come to, in the plainest way there is.

It shares no code with the product, so that one mistake doesn't stand on both sides.
"""

"""What the doors share: pages with a strict policy, forms from schemas, the check of origins, static files, the frame."""

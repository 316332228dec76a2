"""What the product answers, as frozen dataclasses."""

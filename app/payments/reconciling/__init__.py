"""The bank's statement held against payments: lines booked or found, and what is left on either side."""

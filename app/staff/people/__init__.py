"""Who works for a district, in which role: invited, changed, removed."""

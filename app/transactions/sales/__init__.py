"""Sales: reported, quoted, claimed, listed. The till's one step is `desk.py`."""

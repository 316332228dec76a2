"""Sales: reported, quoted, listed. The till's one step is `desk.py`."""

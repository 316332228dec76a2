"""The audit log, to be read. It is written by `app/foundation/audit.py`, in the commit of each act."""

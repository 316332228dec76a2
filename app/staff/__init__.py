"""People who work: their tills and PINs, their accounts, roles and sessions."""

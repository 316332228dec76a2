"""Double entry for any asset: accounts, journals, transfers. Knows no loyalty words."""

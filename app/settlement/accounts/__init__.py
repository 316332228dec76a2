"""How merchants are billed: bank details, deposits, credit limits, and how one leaves."""

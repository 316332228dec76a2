"""Points: the programme, earning rules, lots and balances. Tiers, spending and refunds build on these."""

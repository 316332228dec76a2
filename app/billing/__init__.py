"""What districts pay the operator: plans, trials, usage, invoices, and what happens when they aren't paid. Trade goes on."""

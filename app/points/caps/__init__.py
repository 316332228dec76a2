"""What rules may still give: caps a member, budgets a rule."""

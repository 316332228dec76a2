"""Coupons on bills apart from the report of the sale."""

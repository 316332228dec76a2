"""Drafts of rules rehearsed on real sales, and their publishing."""

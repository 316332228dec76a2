"""Accounts of people: how they are known, their passwords, and their second factors."""

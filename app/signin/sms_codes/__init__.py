"""Codes by SMS: asked for, sent, tried, and how often."""

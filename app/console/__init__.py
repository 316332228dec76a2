"""The door of those who manage: sign-in, one's own account, and who works here."""

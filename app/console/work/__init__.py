"""What takes long: tables that are imported, lists that are exported, and one place for all of it."""

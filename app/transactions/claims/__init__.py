"""Sales that are nobody's, given to members: by a receipt, by a code, by a phone that joins."""

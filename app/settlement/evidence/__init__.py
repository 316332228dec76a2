"""What anybody can check without trusting the product: proofs that a statement stands in its period, and statements as files."""

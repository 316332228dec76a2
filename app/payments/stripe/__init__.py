"""The port by Stripe: collections by off-session PaymentIntents, payouts by Connect transfers, subscriptions for billing."""

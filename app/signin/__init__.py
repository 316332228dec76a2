"""Sign-in of shoppers: codes by SMS, sessions, access tokens, and what a shopper sees of itself."""

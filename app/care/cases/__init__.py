"""Cases: what a shopper complains of about a purchase, and what it is answered."""

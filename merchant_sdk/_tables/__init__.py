"""Tables of sales and refunds, from whatever a shop's software writes."""

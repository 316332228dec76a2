"""What goes on: the first page, and figures by period, shop and kind."""

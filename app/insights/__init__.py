"""Read models of the district, kept by events: what lists, charts and figures are read from."""

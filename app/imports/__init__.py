"""Tables of sales, refunds, members and merchants, read by the SDK's reader and recorded in the queue, row by row, once."""

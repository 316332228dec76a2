"""Settlement in the console: periods, statements, and the terms behind them."""

"""Messages to people, by SMS and by e-mail: ports, what stands behind them, and an inbox for whoever tries the product."""

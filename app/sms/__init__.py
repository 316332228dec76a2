"""Text messages: a port, one provider behind it, and an inbox for whoever tries the product."""

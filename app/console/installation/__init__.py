"""The operator's pages: districts, what they use, and how the installation fares."""

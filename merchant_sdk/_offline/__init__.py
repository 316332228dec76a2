"""Sales and refunds that wait on the disk while the network is down."""

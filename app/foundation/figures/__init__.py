"""What is reckoned alike everywhere: shares and daily windows. Pure, and on the ground of the foundation."""

"""What is reckoned alike everywhere: money, shares and daily windows. Pure, and on the ground of the foundation."""

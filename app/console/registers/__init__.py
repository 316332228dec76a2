"""What has happened and who was there: sales, refunds, members, shops, complaints."""

"""Notices: what a member is told in the district's own pages, kept until it is read and a while after."""

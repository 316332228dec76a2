"""What is done after a commit: the relay of events, and jobs in RQ."""

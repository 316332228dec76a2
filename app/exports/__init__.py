"""Lists as files: what somebody may read of one, page by page in the queue, kept sealed for some days, and audited."""

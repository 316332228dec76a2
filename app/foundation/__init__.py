"""What every room stands on: database, unit of work, tenancy, events, problems, HTTP. Knows no business."""

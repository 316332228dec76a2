"""The demo: real purchase data, told as the history of a pedestrian street and sent through the SDK."""

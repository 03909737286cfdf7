"""What is said of a result, and in which order, whatever the format."""

"""What learns, and the routes from there to its series (THEORY 1-4)."""

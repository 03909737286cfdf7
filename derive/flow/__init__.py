"""What learns, stated in words: flows, their language, and the routes to their series (THEORY 9)."""

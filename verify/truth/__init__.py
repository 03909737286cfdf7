"""What is held as true: torch networks, flows with many digits, the printed theory read back."""

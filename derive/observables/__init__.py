"""What is read off a change of the weights, one file each (THEORY 4)."""

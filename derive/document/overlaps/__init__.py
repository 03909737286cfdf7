"""What is said of learning in overlap space."""

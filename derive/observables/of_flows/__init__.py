"""What is read off any flow stated in words, beside its readouts and its loss; one file each (THEORY 9)."""

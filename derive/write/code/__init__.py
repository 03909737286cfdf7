"""Languages that emitted functions are printed in, one file each."""

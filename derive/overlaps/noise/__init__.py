"""Label noise: targets that are read with an error, drawn anew at every epoch."""

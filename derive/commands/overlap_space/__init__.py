"""What ``derive overlap`` is made of: its options, starts, tasks, learning and noise."""

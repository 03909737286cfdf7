"""Learning curves as documents."""

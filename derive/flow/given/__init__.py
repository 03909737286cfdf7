"""One given network under a flow: its state, its exact curve, its own series (THEORY 9)."""

"""Floor 0: frozen values and their JSON form. No clock, no randomness, no I/O."""

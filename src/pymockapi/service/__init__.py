"""Floor 3: every operation on a server, once; the control API and the edge only call it."""

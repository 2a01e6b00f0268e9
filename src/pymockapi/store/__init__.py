"""Floor 2: what is remembered. Knows definitions, claims and the journal; no HTTP, no sockets."""

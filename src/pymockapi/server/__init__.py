"""Floor 4: the HTTP/1.1 edge, settings and run. Bytes, sockets and time are known here only."""

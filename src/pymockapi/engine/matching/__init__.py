"""What a request must be: reading patterns of definitions, and asking requests."""

"""Floor 5: test frameworks. One leaf for each, and what they share; they know the client alone."""

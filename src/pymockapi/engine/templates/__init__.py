"""Templates in a closed profile: Jinja's syntax, our own evaluation under a budget."""

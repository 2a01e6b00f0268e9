"""Floor 3: the control API as rows, and what each row calls."""

"""Which sets, state and settings the tags of a test bring: expressions, the table, and its order."""

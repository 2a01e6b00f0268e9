"""Config files: read as text, merged, validated, every error with file, line and column."""

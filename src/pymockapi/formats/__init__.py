"""Floor 3: evidence as files. Plain functions from documents to documents; no store, no I/O."""

"""What came of the requests: verifications, verdicts, and their reports."""

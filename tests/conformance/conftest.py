"""What was fetched is data, also where it brings tests of its own."""

collect_ignore = ["data"]

"""Sending the requests of a bundle again, and finding the first answer that is another."""

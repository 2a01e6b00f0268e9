"""Expressions of a user, read and evaluated under budgets of steps, bytes or time."""

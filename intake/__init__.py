"""Intake: where cases come from, and whether their data is good."""

"""Applicants that are one: found by what identifies them, settled by a person where it is doubtful."""

"""Held and refused data that people mend or send back."""

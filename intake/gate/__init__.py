"""The quality of arriving data: its rules, what breaks them, and what is held for it."""

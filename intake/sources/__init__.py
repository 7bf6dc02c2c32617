"""Sources as records: by which name they are known, and how they are reached."""

"""Mappings as people make them: tried, proposed, signed, rolled back, and looked at first."""

"""The one path by which rows become cases."""

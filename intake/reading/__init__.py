"""A table opened, whatever its kind, and its rows read by a mapping, one by one."""

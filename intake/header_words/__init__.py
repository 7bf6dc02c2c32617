"""What a header says: which field or feature its column is, in which unit, and what was known only later."""

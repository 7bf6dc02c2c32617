"""What intake says of bad fields, rows, tables and mappings, in English and Simplified Chinese."""

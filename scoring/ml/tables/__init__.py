"""A table of loans that nobody has described yet: read, understood, and searched for columns that know the outcome."""

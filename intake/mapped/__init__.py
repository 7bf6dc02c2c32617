"""A mapping, and what it makes of a row: values, features, errors, and the submission in the end."""

"""Bad files and bad rows, made here by code: what each must come to is told beside it."""

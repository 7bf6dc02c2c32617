"""Whether what a source sends looks as usual, and what keeps its cases waiting when it does not."""

"""Every HTML page: contexts, words, charts and views."""

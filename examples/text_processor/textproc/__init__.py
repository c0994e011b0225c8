"""A small text processor: word counts, n-grams, readability, search and summaries."""

"""Runs of n successive words."""

from textproc.counts import most_common
from textproc.tokenizer import words


def ngrams(tokens, n):
    """All runs of n successive tokens, as tuples, in order."""
    if n < 1:
        raise ValueError("n must be at least 1")
    found = []
    for start in range(len(tokens) - n + 1):
        gram = ()
        for offset in range(n):
            gram = gram + (tokens[start + offset],)
        found.append(gram)
    return found


def ngram_counts(text, n):
    """How often each n-gram occurs: a dict from n-gram to count, in order of first appearance."""
    all_grams = ngrams(words(text), n)
    counts = {}
    for gram in all_grams:
        counts[gram] = all_grams.count(gram)
    return counts


def most_common_ngrams(text, n, limit):
    """The `limit` most frequent n-grams as (n-gram, count), ties in alphabetical order."""
    return most_common(ngram_counts(text, n), limit)

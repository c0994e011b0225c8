"""Word counts."""

from textproc.tokenizer import words


def word_counts(text):
    """How often each word occurs: a dict from word to count, in order of first appearance."""
    known = []
    numbers = []
    for word in words(text):
        if word in known:
            numbers[known.index(word)] += 1
        else:
            known.append(word)
            numbers.append(1)
    return dict(zip(known, numbers))


def most_common(counts, limit):
    """The `limit` most frequent entries as (entry, count), the most frequent first, ties in alphabetical order."""
    remaining = dict(counts)
    ranking = []
    while remaining and len(ranking) < limit:
        best = None
        for entry in remaining:
            if best is None or (-remaining[entry], entry) < (-remaining[best], best):
                best = entry
        ranking.append((best, remaining.pop(best)))
    return ranking


def vocabulary(text):
    """The distinct words of a text in alphabetical order."""
    distinct = []
    for word in words(text):
        if word not in distinct:
            distinct.append(word)
    return sorted(distinct)


def lexical_diversity(text):
    """The share of distinct words among all words; 0.0 for a text without words."""
    if len(words(text)) == 0:
        return 0.0
    return len(vocabulary(text)) / len(words(text))

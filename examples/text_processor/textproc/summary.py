"""Summaries made of a text's own sentences."""

from textproc.counts import word_counts
from textproc.stopwords import without_stop_words
from textproc.tokenizer import sentences, words


def summarize(text, sentence_count):
    """The best sentences, in the order in which they stand in the text.

    What a sentence shares with the ones chosen before it makes it worth less, so that a summary does not say
    the same thing twice. Of two sentences that are worth the same, the earlier one is chosen.
    """
    candidates = sentences(text)
    scores = [sentence_score(sentence, text) for sentence in candidates]
    chosen = []
    while len(chosen) < min(sentence_count, len(candidates)):
        best = None
        best_value = -1.0
        for position in range(len(candidates)):
            if position in chosen:
                continue
            value = scores[position]
            for other in chosen:
                value *= 1.0 - overlap(candidates[position], candidates[other])
            if value > best_value:
                best = position
                best_value = value
        chosen.append(best)
    return [candidates[position] for position in sorted(chosen)]


def sentence_score(sentence, text):
    """The average frequency, in the whole text, of the words of a sentence; stop words do not count."""
    content = without_stop_words(words(sentence))
    if len(content) == 0:
        return 0.0
    counts = word_counts(text)
    total = 0
    for word in content:
        total += counts[word]
    return total / len(content)


def overlap(first, second):
    """The share of distinct words that two sentences have in common, from 0.0 to 1.0; stop words do not count."""
    first_words = without_stop_words(words(first))
    second_words = without_stop_words(words(second))
    shared = []
    together = []
    for word in first_words + second_words:
        if word in first_words and word in second_words and word not in shared:
            shared.append(word)
        if word not in together:
            together.append(word)
    if len(together) == 0:
        return 0.0
    return len(shared) / len(together)

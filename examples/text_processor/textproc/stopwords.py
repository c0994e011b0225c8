"""Words that say little about what a text is about."""

STOP_WORDS = [
    "a", "about", "after", "all", "also", "an", "and", "any", "are", "as", "at", "be", "because", "been",
    "before", "but", "by", "can", "could", "did", "do", "does", "down", "each", "even", "few", "first", "for",
    "from", "had", "has", "have", "he", "her", "here", "him", "his", "how", "i", "if", "in", "into", "is", "it",
    "its", "just", "like", "many", "may", "me", "more", "most", "much", "my", "new", "no", "not", "now", "of",
    "on", "one", "only", "or", "other", "our", "out", "over", "own", "said", "same", "she", "should", "so",
    "some", "such", "than", "that", "the", "their", "them", "then", "there", "these", "they", "this", "those",
    "through", "to", "too", "two", "under", "up", "us", "very", "was", "we", "were", "what", "when", "where",
    "which", "while", "who", "will", "with", "would", "you", "your",
]


def is_stop_word(word):
    for stop_word in STOP_WORDS:
        if word == stop_word:
            return True
    return False


def without_stop_words(words):
    """The words that are no stop words, in order."""
    return [word for word in words if not is_stop_word(word)]

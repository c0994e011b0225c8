"""The text that the benchmark works on: made up, but the same in every run and with every Python version."""

import random

STOP_WORDS = (
    "the of and to in a is that it was for on are as with they at be this from have or by one had not but what "
    "all were when we there can an your which their said if will each about how up out them then she many some"
).split()
ONSETS = "b br c d dr f fl g gr h k l m n p pl qu r s st t".split()
VOWELS = ["a", "e", "i", "o", "u", "ai", "ea", "ou", "é"]
CODAS = ["", "", "l", "m", "n", "r", "s", "t", "nd", "ck"]


class Corpus:
    """Documents of made-up words, with queries that fit them."""

    def __init__(self, seed, document_count, sentences_per_document, query_count):
        # Only random() gives the same numbers in every version of Python; everything is derived from it.
        self._random = random.Random(seed).random
        self._words = [self._make_word() for _ in range(2000)]
        self.documents = [self._make_document(sentences_per_document) for _ in range(document_count)]
        self.queries = [self._make_query() for _ in range(query_count)]
        self.text = "\n\n".join(self.documents)

    def _choose(self, options):
        return options[int(self._random() * len(options))]

    def _make_word(self):
        syllables = 1 + int(self._random() * 3)
        word = "".join(self._choose(ONSETS) + self._choose(VOWELS) + self._choose(CODAS) for _ in range(syllables))
        if self._random() < 0.02:
            word += "'s"
        return word + "e" if self._random() < 0.15 else word

    def _pick_word(self):
        if self._random() < 0.4:
            return self._choose(STOP_WORDS)
        # Frequent words first, as in real text: the square gives the first tenth a third of all occurrences.
        return self._words[int(len(self._words) * self._random() ** 2)]

    def _make_sentence(self):
        chosen = [self._pick_word() for _ in range(5 + int(self._random() * 14))]
        if len(chosen) > 9:
            chosen[len(chosen) // 2] += self._choose([",", ",", ";"])
        return " ".join(chosen).capitalize() + self._choose([".", ".", ".", ".", "!", "?", "..."])

    def _make_document(self, sentence_count):
        return " ".join(self._make_sentence() for _ in range(sentence_count))

    def _make_query(self):
        return " ".join([self._pick_word(), self._choose(self._words), self._choose(self._words)])

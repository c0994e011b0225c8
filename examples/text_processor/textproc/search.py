"""Full-text search: which documents fit a query best."""

import math

from textproc.stopwords import without_stop_words
from textproc.tokenizer import words


class SearchEngine:
    """Ranks documents by tf-idf, the usual weight: a term counts more where it is frequent and where few have it."""

    def __init__(self, documents):
        self.documents = documents

    def search(self, query, limit):
        """The `limit` best documents as (document number, score), the best first, ties by number.

        Stop words in the query are ignored. Documents without any of its terms are left out.
        """
        terms = without_stop_words(words(query))
        rarities = [self.rarity(term) for term in terms]
        results = []
        for number in range(len(self.documents)):
            score = 0.0
            for term, rarity in zip(terms, rarities):
                score += self.term_frequency(term, number) * rarity
            if score > 0.0:
                results.append((number, score))
        results.sort(key=lambda result: (-result[1], result[0]))
        return results[:limit]

    def term_frequency(self, term, number):
        """The share of this term among the words of a document."""
        document_words = words(self.documents[number])
        if len(document_words) == 0:
            return 0.0
        return document_words.count(term) / len(document_words)

    def rarity(self, term):
        """The inverse document frequency, smoothed so that it is never zero."""
        return math.log(1.0 + len(self.documents) / (1.0 + self.document_frequency(term)))

    def document_frequency(self, term):
        """How many documents contain the term."""
        frequency = 0
        for document in self.documents:
            if term in words(document):
                frequency += 1
        return frequency

import unittest

from textproc.counts import lexical_diversity, most_common, vocabulary, word_counts


class WordCountsTest(unittest.TestCase):
    def test_an_empty_text_has_no_counts(self):
        self.assertEqual(word_counts(""), {})

    def test_each_word_is_counted(self):
        self.assertEqual(word_counts("a b a c a b"), {"a": 3, "b": 2, "c": 1})

    def test_words_stand_in_order_of_first_appearance(self):
        self.assertEqual(list(word_counts("zeta alpha zeta mid")), ["zeta", "alpha", "mid"])


class MostCommonTest(unittest.TestCase):
    def test_the_most_frequent_comes_first(self):
        self.assertEqual(most_common({"a": 1, "b": 3, "c": 2}, 2), [("b", 3), ("c", 2)])

    def test_ties_are_in_alphabetical_order(self):
        self.assertEqual(most_common({"c": 2, "a": 2, "b": 2}, 3), [("a", 2), ("b", 2), ("c", 2)])

    def test_a_limit_of_zero_gives_none(self):
        self.assertEqual(most_common({"a": 1}, 0), [])

    def test_the_counts_are_not_changed(self):
        counts = {"a": 1, "b": 2}
        most_common(counts, 1)
        self.assertEqual(counts, {"a": 1, "b": 2})


class VocabularyTest(unittest.TestCase):
    def test_distinct_words_are_in_alphabetical_order(self):
        self.assertEqual(vocabulary("pear apple Pear fig"), ["apple", "fig", "pear"])

    def test_diversity_is_the_share_of_distinct_words(self):
        self.assertEqual(lexical_diversity("go go go stop"), 0.5)

    def test_diversity_of_an_empty_text_is_zero(self):
        self.assertEqual(lexical_diversity(""), 0.0)

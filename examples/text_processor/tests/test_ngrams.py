import unittest

from textproc.ngrams import most_common_ngrams, ngram_counts, ngrams


class NgramsTest(unittest.TestCase):
    def test_pairs_overlap(self):
        self.assertEqual(ngrams(["a", "b", "c"], 2), [("a", "b"), ("b", "c")])

    def test_too_few_tokens_give_nothing(self):
        self.assertEqual(ngrams(["a", "b"], 3), [])

    def test_n_below_one_is_refused(self):
        with self.assertRaises(ValueError):
            ngrams(["a"], 0)

    def test_ngrams_are_counted_in_order_of_first_appearance(self):
        counts = ngram_counts("to be or not to be", 2)
        self.assertEqual(counts, {("to", "be"): 2, ("be", "or"): 1, ("or", "not"): 1, ("not", "to"): 1})
        self.assertEqual(list(counts)[0], ("to", "be"))

    def test_the_most_common_come_first_and_ties_in_alphabetical_order(self):
        found = most_common_ngrams("x y x y b a", 2, 3)
        self.assertEqual(found, [(("x", "y"), 2), (("b", "a"), 1), (("y", "b"), 1)])

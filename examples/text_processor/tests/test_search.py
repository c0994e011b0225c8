import unittest

from textproc.search import SearchEngine

DOCUMENTS = ["Red apples and green apples.", "A red car, a red bus.", "Green grass.", ""]


class SearchTest(unittest.TestCase):
    def setUp(self):
        self.engine = SearchEngine(DOCUMENTS)

    def found(self, query, limit=10):
        return [number for number, _ in self.engine.search(query, limit)]

    def test_only_documents_with_a_term_are_found(self):
        self.assertEqual(self.found("apples"), [0])
        self.assertEqual(self.found("zebra"), [])

    def test_the_document_with_the_larger_share_comes_first(self):
        self.assertEqual(self.found("green"), [2, 0])

    def test_a_rare_term_counts_more(self):
        self.assertGreater(self.engine.rarity("apples"), self.engine.rarity("red"))

    def test_terms_add_up(self):
        both = dict(self.engine.search("red apples", 10))[0]
        single = dict(self.engine.search("red", 10))[0] + dict(self.engine.search("apples", 10))[0]
        self.assertAlmostEqual(both, single)

    def test_stop_words_in_a_query_are_ignored(self):
        self.assertEqual(self.found("and a the"), [])
        self.assertEqual(self.found("the bus"), [1])

    def test_ties_are_in_order_of_the_documents(self):
        engine = SearchEngine(["blue sky", "other", "blue sky"])
        self.assertEqual([number for number, _ in engine.search("blue", 10)], [0, 2])

    def test_the_limit_holds(self):
        self.assertEqual(self.found("red green", 1), [2])

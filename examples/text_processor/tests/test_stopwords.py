import unittest

from textproc.stopwords import is_stop_word, without_stop_words


class StopWordsTest(unittest.TestCase):
    def test_common_words_are_stop_words_and_others_are_not(self):
        self.assertTrue(is_stop_word("the"))
        self.assertFalse(is_stop_word("ratchet"))

    def test_the_rest_keeps_its_order_and_repetitions(self):
        self.assertEqual(without_stop_words(["the", "red", "and", "blue", "red"]), ["red", "blue", "red"])

import unittest

from textproc.summary import summarize

TEXT = "Whales are large. Whales eat krill. Some birds sing. Krill feed whales."


class SummaryTest(unittest.TestCase):
    def test_an_empty_text_has_an_empty_summary(self):
        self.assertEqual(summarize("", 3), [])

    def test_a_short_text_is_its_own_summary(self):
        self.assertEqual(summarize("One thing. Another thing.", 5), ["One thing.", "Another thing."])

    def test_the_most_typical_sentence_is_chosen(self):
        self.assertEqual(summarize(TEXT, 1), ["Whales are large."])

    def test_what_was_said_is_not_said_again(self):
        self.assertEqual(summarize("Cats purr. Cats purr. Dogs bark.", 2), ["Cats purr.", "Dogs bark."])

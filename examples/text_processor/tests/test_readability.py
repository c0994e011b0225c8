import unittest

from textproc.readability import average_sentence_length, average_syllables, reading_ease, school_grade, syllable_count

EASY = "The cat sat. The dog ran."
HARD = "Institutional considerations notwithstanding, organisational responsibilities necessitate deliberation."


class ReadabilityTest(unittest.TestCase):
    def test_groups_of_vowels_are_syllables(self):
        self.assertEqual(syllable_count("cat"), 1)
        self.assertEqual(syllable_count("beautiful"), 3)

    def test_a_silent_e_is_no_syllable(self):
        self.assertEqual(syllable_count("cake"), 1)
        self.assertEqual(syllable_count("table"), 2)

    def test_every_word_has_a_syllable(self):
        self.assertEqual(syllable_count("hmm"), 1)
        self.assertEqual(syllable_count("the"), 1)

    def test_sentence_length_is_in_words(self):
        self.assertEqual(average_sentence_length("One two three. Four."), 2.0)

    def test_syllables_are_averaged_over_words(self):
        self.assertEqual(average_syllables("cat table"), 1.5)

    def test_easy_text_reads_more_easily(self):
        self.assertAlmostEqual(reading_ease(EASY), 119.19)
        self.assertLess(reading_ease(HARD), 0.0)

    def test_hard_text_needs_more_school(self):
        self.assertLess(school_grade(EASY), 1.0)
        self.assertGreater(school_grade(HARD), 20.0)

    def test_a_text_without_words_is_zero(self):
        self.assertEqual([reading_ease("..."), school_grade("")], [0.0, 0.0])

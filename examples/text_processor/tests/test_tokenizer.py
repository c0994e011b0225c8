import unittest

from textproc.tokenizer import sentences, words


class WordsTest(unittest.TestCase):
    def test_an_empty_text_has_no_words(self):
        self.assertEqual(words(""), [])

    def test_words_are_in_lower_case(self):
        self.assertEqual(words("Hello WORLD"), ["hello", "world"])

    def test_punctuation_separates_words(self):
        self.assertEqual(words("stop,go;wait.end"), ["stop", "go", "wait", "end"])

    def test_an_underscore_separates_words(self):
        self.assertEqual(words("snake_case"), ["snake", "case"])

    def test_an_apostrophe_inside_belongs_to_the_word(self):
        self.assertEqual(words("don't o'clock"), ["don't", "o'clock"])

    def test_an_apostrophe_outside_does_not(self):
        self.assertEqual(words("'quoted' dogs' 'tis"), ["quoted", "dogs", "tis"])

    def test_digits_are_part_of_words(self):
        self.assertEqual(words("route 66 b2b"), ["route", "66", "b2b"])

    def test_letters_with_accents_are_letters(self):
        self.assertEqual(words("Café naïve ÉTÉ"), ["café", "naïve", "été"])

    def test_the_caller_owns_the_list(self):
        words("to be changed").clear()
        self.assertEqual(words("to be changed"), ["to", "be", "changed"])


class SentencesTest(unittest.TestCase):
    def test_an_empty_text_has_no_sentences(self):
        self.assertEqual(sentences("  \n "), [])

    def test_a_text_without_an_end_is_one_sentence(self):
        self.assertEqual(sentences("No end here"), ["No end here"])

    def test_each_kind_of_end_counts(self):
        self.assertEqual(sentences("Stop. Go! Why? Done"), ["Stop.", "Go!", "Why?", "Done"])

    def test_several_ends_belong_together(self):
        self.assertEqual(sentences("Well... Really?! Yes."), ["Well...", "Really?!", "Yes."])

    def test_a_dot_inside_a_word_is_no_end(self):
        self.assertEqual(sentences("Pi is 3.14 or so. Fine."), ["Pi is 3.14 or so.", "Fine."])

    def test_white_space_around_sentences_is_dropped(self):
        self.assertEqual(sentences("  One.\n\n  Two.  "), ["One.", "Two."])
